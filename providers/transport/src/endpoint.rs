//! Where requests may be sent: encrypted, or no further than this machine.

use std::net::IpAddr;

use updraft_contract::CloudError;

/// Returns whether `url` is encrypted or stays on this machine.
///
/// The host is parsed, not searched: `http://127.0.0.1.example.com` is a stranger.
pub fn trusted(url: &str) -> bool {
    url.starts_with("https://") || loopback(url)
}

/// Returns whether `url` leads to this machine.
pub fn loopback(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') || authority.contains('\\') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The refusal to use an endpoint that is not [`trusted`].
pub fn untrusted(url: &str) -> CloudError {
    CloudError::Refused {
        operation: "connect".into(),
        code: "UntrustedEndpoint".into(),
        message: format!(
            "the endpoint {url} is neither https nor on this machine; requests to it would be \
             readable on the way"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{loopback, trusted};

    #[test]
    fn only_this_machine_is_spoken_to_unencrypted() {
        for url in
            ["http://127.0.0.1:4580", "http://localhost:80/x", "http://[::1]:1", "http://127.9.9.9"]
        {
            assert!(trusted(url) && loopback(url), "{url}");
        }
        for url in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "http://example.com/localhost",
            "http://example.com#@127.0.0.1",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "http://[::2]",
            "http://169.254.169.254",
        ] {
            assert!(!trusted(url), "{url}");
        }
        assert!(trusted("https://lambda.eu-west-1.amazonaws.com"));
    }
}
