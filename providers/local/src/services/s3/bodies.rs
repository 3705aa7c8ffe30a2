//! The bytes of an object as sent: plain or in `aws-chunked` encoding, checked against the checksums sent along.
//!
//! Source: S3 API reference, "Signature calculations … (chunked uploads)" and "Checking object integrity".

use std::collections::BTreeMap;

use bytes::Bytes;

use super::buckets::malformed;
use super::checksum::{checksum, md5, sha256_hex};
use crate::wire::{Element, Refusal, Request};

/// What was sent, checked.
pub(super) struct Sent {
    /// The object's bytes.
    pub(super) bytes: Bytes,
    /// The checksum header's name and value; CRC-64 of our own when none was sent, as S3 does.
    pub(super) checksum: (String, String),
}

/// The checksum S3 computes for objects sent without one.
const DEFAULT: &str = "crc64nvme";

/// Reads the body of a request.
pub(super) fn read(request: &Request) -> Result<Sent, Refusal> {
    let digest = request.header("x-amz-content-sha256").unwrap_or("UNSIGNED-PAYLOAD");
    let encoding = request.header("content-encoding").unwrap_or_default();
    let chunked = digest.starts_with("STREAMING-") || encoding.contains("aws-chunked");
    let (bytes, trailers) =
        if chunked { unchunk(&request.body)? } else { (request.body.clone(), BTreeMap::new()) };
    let length = request.header("x-amz-decoded-content-length");
    if chunked && length.is_some_and(|length| length.parse() != Ok(bytes.len())) {
        return Err(incomplete());
    }
    if digest.len() == 64 && digest != sha256_hex(&bytes) {
        let message =
            "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return Err(Refusal::new(400, "XAmzContentSHA256Mismatch", message));
    }
    if request.header("content-md5").is_some_and(|sent| sent != md5(&bytes)) {
        let message = "The Content-MD5 you specified did not match what we received.";
        return Err(Refusal::new(400, "BadDigest", message));
    }
    let checksum = check(request, &trailers, &bytes)?;
    Ok(Sent { bytes, checksum })
}

/// The XML document of a request, checked like an object's bytes; its root has this name.
pub(super) fn document(request: &Request, root: &str) -> Result<Element, Refusal> {
    let sent = read(request)?;
    Element::parse(&sent.bytes).filter(|found| found.name == root).ok_or_else(malformed)
}

fn check(
    request: &Request,
    trailers: &BTreeMap<String, String>,
    bytes: &[u8],
) -> Result<(String, String), Refusal> {
    let headers = request.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let sent = headers
        .chain(trailers.clone())
        .find(|(name, _)| name.starts_with("x-amz-checksum-") && !is_mode(name));
    let (name, value) = match sent {
        Some((name, value)) => (name, Some(value)),
        None => (format!("x-amz-checksum-{DEFAULT}"), None),
    };
    let algorithm = name.strip_prefix("x-amz-checksum-").unwrap_or_default();
    let computed = checksum(algorithm, bytes)
        .ok_or_else(|| Refusal::not_modelled(&format!("the checksum algorithm {algorithm}")))?;
    if value.is_some_and(|value| value != computed) {
        let message = format!(
            "The {} you specified did not match the calculated checksum.",
            algorithm.to_uppercase()
        );
        return Err(Refusal::new(400, "BadDigest", message));
    }
    Ok((name, computed))
}

fn is_mode(name: &str) -> bool {
    ["x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"].contains(&name)
}

fn incomplete() -> Refusal {
    let message =
        "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Refusal::new(400, "IncompleteBody", message)
}

/// Takes the chunks apart: `size[;chunk-signature=…]\r\n bytes \r\n … 0\r\n trailers \r\n`.
fn unchunk(mut rest: &[u8]) -> Result<(Bytes, BTreeMap<String, String>), Refusal> {
    let mut bytes = Vec::new();
    loop {
        let (line, after) = line(rest).ok_or_else(incomplete)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| incomplete())?;
        if size == 0 {
            rest = after;
            break;
        }
        let (chunk, after) = after.split_at_checked(size).ok_or_else(incomplete)?;
        bytes.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").ok_or_else(incomplete)?;
    }
    let mut trailers = BTreeMap::new();
    while let Some((text, after)) = line(rest) {
        rest = after;
        if let Some((name, value)) = text.split_once(':') {
            trailers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok((bytes.into(), trailers))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(2..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_read() {
        let sent =
            b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32: nQ==\r\n\r\n";
        let (bytes, trailers) = unchunk(sent).unwrap();
        assert_eq!(&bytes[..], b"hello!");
        assert_eq!(trailers["x-amz-checksum-crc32"], "nQ==");
        assert!(unchunk(b"5\r\nhel").is_err());
        assert!(unchunk(b"zz\r\n").is_err());
    }
}
