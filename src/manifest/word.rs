//! The words a manifest chooses from, and quantities that are written as text.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytesize::ByteSize;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use updraft_contract as contract;

/// What a string with something to fill in looks like; it may stand wherever text does.
const FILLED_IN: &str = r"\$\{[^}]+\}";

/// Makes a type whose values are words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident => $of:ty { $($word:literal => $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) struct $name(pub(super) $of);

        impl $name {
            pub(super) const WORDS: &[&str] = &[$($word),+];
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Words;
                impl Visitor<'_> for Words {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(&crate::guard::nearest::listed($name::WORDS, "or"))
                    }
                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        match text {
                            $($word => Ok($name($value)),)+
                            other => Err(E::unknown_variant(other, $name::WORDS)),
                        }
                    }
                }
                deserializer.deserialize_str(Words)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "anyOf": [{ "enum": $name::WORDS }, { "pattern": FILLED_IN }],
                })
            }
        }
    };
}

words! {
    /// A cloud.
    Cloud => contract::Cloud {
        "aws" => contract::Cloud::Aws,
        "azure" => contract::Cloud::Azure,
        "gcp" => contract::Cloud::Gcp,
    }
}

words! {
    /// A processor architecture.
    Architecture => contract::Architecture {
        "x86_64" => contract::Architecture::X86_64,
        "arm64" => contract::Architecture::Arm64,
    }
}

words! {
    /// How log lines are written.
    LogFormat => contract::LogFormat {
        "text" => contract::LogFormat::Text,
        "json" => contract::LogFormat::Json,
    }
}

words! {
    /// The front door of an HTTP trigger.
    HttpKind => contract::HttpKind {
        "rest-api" => contract::HttpKind::RestApi,
        "http-api" => contract::HttpKind::HttpApi,
        "url" => contract::HttpKind::Url,
    }
}

words! {
    /// Who may call over HTTP.
    Auth => contract::Auth {
        "none" => contract::Auth::None,
        "iam" => contract::Auth::Iam,
        "key" => contract::Auth::Key,
    }
}

words! {
    /// Which of several queue services of a cloud.
    QueueKind => contract::QueueKind {
        "storage" => contract::QueueKind::Storage,
        "service-bus" => contract::QueueKind::ServiceBus,
    }
}

words! {
    /// Whether every function has a storage account of its own for its host.
    HostStorage => bool {
        "shared" => false,
        "per-function" => true,
    }
}

words! {
    /// An HTTP method.
    Method => contract::Method {
        "ANY" => contract::Method::Any,
        "DELETE" => contract::Method::Delete,
        "GET" => contract::Method::Get,
        "HEAD" => contract::Method::Head,
        "OPTIONS" => contract::Method::Options,
        "PATCH" => contract::Method::Patch,
        "POST" => contract::Method::Post,
        "PUT" => contract::Method::Put,
    }
}

words! {
    /// Where requests may come from.
    Ingress => contract::Ingress {
        "all" => contract::Ingress::All,
        "internal" => contract::Ingress::Internal,
        "internal-and-load-balancer" => contract::Ingress::InternalAndLoadBalancer,
    }
}

words! {
    /// Which outgoing traffic takes a connector.
    Egress => contract::Egress {
        "private-ranges" => contract::Egress::PrivateRanges,
        "all" => contract::Egress::All,
    }
}

words! {
    /// What happens to an object in storage.
    StorageEvent => &'static str {
        "created" => "created",
        "removed" => "removed",
    }
}

words! {
    /// Where reading a stream starts.
    StreamStart => &'static str {
        "latest" => "latest",
        "oldest" => "oldest",
    }
}

words! {
    /// What a function does with a resource.
    AccessVerb => &'static str {
        "read" => "read",
        "write" => "write",
        "delete" => "delete",
        "list" => "list",
        "send" => "send",
        "receive" => "receive",
        "publish" => "publish",
        "invoke" => "invoke",
        "purge" => "purge",
        "peek" => "peek",
        "get" => "get",
        "query" => "query",
        "scan" => "scan",
        "partiql" => "partiql",
        "read-versions" => "read-versions",
        "read-tags" => "read-tags",
        "write-tags" => "write-tags",
        "list-uploads" => "list-uploads",
        "encrypt" => "encrypt",
        "decrypt" => "decrypt",
        "sign" => "sign",
        "verify" => "verify",
        "mac" => "mac",
        "start" => "start",
        "start-sync" => "start-sync",
        "stop" => "stop",
        "callback" => "callback",
        "admin" => "admin",
        "sign-in" => "sign-in",
        "connect" => "connect",
        "check" => "check",
        "create" => "create",
        "stream" => "stream",
        "export" => "export",
    }
}

/// Makes a type that is written as text and checked while reading.
macro_rules! written {
    ($(#[$doc:meta])* $name:ident($of:ty), $expecting:literal, $pattern:literal, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) struct $name(pub(super) $of);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Written;
                impl Visitor<'_> for Written {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        $parse(text).map($name).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Written)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "anyOf": [{ "pattern": $pattern }, { "pattern": FILLED_IN }],
                })
            }
        }
    };
}

written! {
    /// A span of time such as `30s`, `2m` or `1h 30m`.
    Interval(Duration), r#"a duration such as "30s" or "2m""#,
    r"^([0-9]+(\.[0-9]+)? *[A-Za-z]+ *)+$", interval
}

written! {
    /// A size such as `256MiB` or `1GiB`.
    Size(u64), r#"a size such as "256MiB" or "1GiB""#,
    r"^[0-9]+(\.[0-9]+)? *[KMGT]iB$", size_mib
}

written! {
    /// How long log lines are kept: days such as `30d`, or `forever`.
    Retention(Option<u32>), r#"a number of days such as "30d", or "forever""#,
    r"^(forever|[0-9]+ *[A-Za-z]+)$", retention
}

fn interval(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| {
        format!("cannot be `{text}`, which is not a duration\nwrite \"30s\", \"2m\" or \"1h 30m\"")
    })
}

/// Reads a size in whole mebibytes.
fn size_mib(text: &str) -> Result<u64, String> {
    const MIB: u64 = 1024 * 1024;
    let advice = "write \"256MiB\" or \"1GiB\"";
    let Ok(ByteSize(bytes)) = text.trim().parse::<ByteSize>() else {
        return Err(format!("cannot be `{text}`, which is not a size\n{advice}"));
    };
    if text.trim_end().ends_with(|last: char| last.is_ascii_digit()) {
        return Err(format!("lacks a unit in `{text}`\n{advice}"));
    }
    if !text.trim_end().to_lowercase().ends_with("ib") {
        let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
        let unit = if text.to_lowercase().contains('g') { "GiB" } else { "MiB" };
        return Err(format!(
            "is counted in binary units, and `{text}` is decimal\nwrite \"{number}{unit}\""
        ));
    }
    if bytes % MIB != 0 {
        return Err(format!("must be a whole number of MiB, which `{text}` is not"));
    }
    Ok(bytes / MIB)
}

fn retention(text: &str) -> Result<Option<u32>, String> {
    const DAY: u64 = 24 * 60 * 60;
    if text == "forever" {
        return Ok(None);
    }
    let advice = "write \"30d\", or \"forever\"";
    let kept = humantime::parse_duration(text)
        .map_err(|_| format!("cannot be `{text}`, which is not a number of days\n{advice}"))?;
    match u32::try_from(kept.as_secs() / DAY) {
        Ok(days) if kept == Duration::from_secs(u64::from(days) * DAY) => Ok(Some(days)),
        Ok(_) | Err(_) => Err(format!("must be whole days, which `{text}` is not\n{advice}")),
    }
}
