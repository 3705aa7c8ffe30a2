//! Digests of objects: MD5 for entity tags, and the checksums clients send along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

/// The polynomials, bits reversed. Source: RFC 1952 (CRC-32), RFC 3720 (CRC-32C), `NVMe` base specification (CRC-64).
const CRC_32: u64 = 0xEDB8_8320;
const CRC_32C: u64 = 0x82F6_3B78;
const CRC_64_NVME: u64 = 0x9A6C_9329_AC4B_C9B5;

/// The entity tag of an object written whole.
pub(super) fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::digest(bytes)))
}

/// The MD5 digest as `Content-MD5` writes it.
pub(super) fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

/// The SHA-256 digest as `x-amz-content-sha256` writes it.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
        text
    })
}

/// The value of the header `x-amz-checksum-<algorithm>`; `None` for algorithms not modelled.
pub(super) fn checksum(algorithm: &str, bytes: &[u8]) -> Option<String> {
    Some(match algorithm {
        "crc32" => STANDARD.encode(tail(crc(bytes, CRC_32, 32), 4)),
        "crc32c" => STANDARD.encode(tail(crc(bytes, CRC_32C, 32), 4)),
        "crc64nvme" => STANDARD.encode(tail(crc(bytes, CRC_64_NVME, 64), 8)),
        "sha256" => STANDARD.encode(Sha256::digest(bytes)),
        _ => return None,
    })
}

fn tail(value: u64, count: usize) -> Vec<u8> {
    value.to_be_bytes().into_iter().skip(8 - count).collect()
}

fn crc(bytes: &[u8], polynomial: u64, width: u32) -> u64 {
    let mut table = [0_u64; 256];
    for (start, entry) in (0_u64..).zip(table.iter_mut()) {
        *entry =
            (0..8).fold(
                start,
                |value, _| {
                    if value & 1 == 1 { (value >> 1) ^ polynomial } else { value >> 1 }
                },
            );
    }
    let ones = u64::MAX >> (64 - width);
    let folded = bytes.iter().fold(ones, |value, byte| {
        let [low, ..] = (value ^ u64::from(*byte)).to_le_bytes();
        let entry = table.get(usize::from(low)).copied().unwrap_or_default();
        entry ^ (value >> 8)
    });
    folded ^ ones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_published_ones() {
        let check = b"123456789";
        assert_eq!(crc(check, CRC_32, 32), 0xCBF4_3926);
        assert_eq!(crc(check, CRC_32C, 32), 0xE306_9283);
        assert_eq!(crc(check, CRC_64_NVME, 64), 0xAE8B_1486_0A79_9888);
        assert_eq!(etag(b""), "\"d41d8cd98f00b204e9800998ecf8427e\"");
        assert_eq!(checksum("crc32", check).as_deref(), Some("y/Q5Jg=="));
    }
}
