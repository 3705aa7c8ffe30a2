//! A function's archive: taken from a request, checked, stored, and given back by URL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::record::{Code, Function, code_key, place};
use super::refusals::{invalid, user};
use super::sheet::Sheet;
use crate::cloud::Context;
use crate::runtime::{Defect, survey};
use crate::services::s3;
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Request};

/// The most an upload may carry (`Quotas`, developer guide): 50 MB.
const ZIPPED_LIMIT: usize = 52_428_800;

/// The path of the door that gives archives back.
pub(super) const PATH: &str = "/_updraft/function-code/";

/// An archive that was checked.
pub(super) struct Archive {
    bytes: Vec<u8>,
    /// What is known of it.
    pub(super) code: Code,
}

/// Takes the archive from an input's members: sent along, or from a bucket of the account.
pub(super) fn take(sheet: &mut Sheet, tx: &Tx, request: &Request) -> Result<Archive, Refusal> {
    let zip: Option<String> = sheet.take("ZipFile")?;
    let bucket: Option<String> = sheet.take("S3Bucket")?;
    let key: Option<String> = sheet.take("S3Key")?;
    let bytes = match (zip, bucket, key) {
        (Some(zip), None, None) => {
            let bytes = STANDARD.decode(zip).map_err(|_| {
                Refusal::new(400, "SerializationException", "ZipFile is not base64")
            })?;
            uploaded(&bytes, request)?;
            bytes
        }
        (None, Some(bucket), Some(key)) => {
            s3::fetch(tx, &request.account, &bucket, &key).map_err(|refusal| {
                let Refusal { code, message, .. } = refusal;
                invalid(format!(
                    "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: \
                     {message}"
                ))
            })?
        }
        (None, _, _) => return Err(invalid("Please provide a source for function code.")),
        (Some(_), _, _) => {
            return Err(invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            ));
        }
    };
    check(&bytes)?;
    let digest = Sha256::digest(&bytes);
    let code =
        Code { sha256: STANDARD.encode(digest), digest: hex(&digest), size: bytes.len() as u64 };
    Ok(Archive { bytes, code })
}

fn uploaded(bytes: &[u8], request: &Request) -> Result<(), Refusal> {
    if bytes.len() > ZIPPED_LIMIT {
        let message = format!(
            "Request must be smaller than 70167211 bytes for the {} operation",
            request.action
        );
        return Err(user(413, "RequestTooLargeException", message));
    }
    Ok(())
}

fn check(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    survey(bytes).map_err(|defect| match defect {
        Defect::TooLarge => invalid("Unzipped size must be smaller than 262144000 bytes"),
        Defect::Empty => invalid("Uploaded file must be a non-empty zip"),
        Defect::Unreadable(_) | Defect::Escapes(_) | Defect::Disk(_) => invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
    })
}

/// Stores an archive as the function's only one.
pub(super) fn store(
    tx: &mut Tx,
    function: &mut Function,
    archive: Archive,
) -> Result<(), StoreError> {
    let place = place(&function.account, &function.region);
    tx.remove_all(&place.prefix("code", &[&function.name]))?;
    tx.put_bytes(&code_key(&place, &function.name, &archive.code.digest), &archive.bytes)?;
    function.code = archive.code;
    Ok(())
}

/// Where the archive can be downloaded.
pub(super) fn location(function: &Function, context: &Context<'_>) -> String {
    let Function { account, region, name, code, .. } = function;
    format!("{}{PATH}{account}/{region}/{name}/{}", context.base_url, code.digest)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
