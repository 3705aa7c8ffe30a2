//! ARM's token buckets, of each subscription: reads, writes and deletes, and what every answer says of them.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>.

use super::admit::throttled;
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::limits::Rate;
use crate::wire::{Refusal, Reply, Request};

/// A bucket.
struct Bucket {
    name: &'static str,
    header: &'static str,
    global: &'static str,
    rate: Rate,
}

const READS: Bucket = Bucket {
    name: "reads",
    header: "x-ms-ratelimit-remaining-subscription-reads",
    global: "x-ms-ratelimit-remaining-subscription-global-reads",
    rate: Rate { per_second: 25.0, burst: 250.0 },
};

const WRITES: Bucket = Bucket {
    name: "writes",
    header: "x-ms-ratelimit-remaining-subscription-writes",
    global: "x-ms-ratelimit-remaining-subscription-global-writes",
    rate: Rate { per_second: 10.0, burst: 200.0 },
};

const DELETES: Bucket = Bucket {
    name: "deletes",
    header: "x-ms-ratelimit-remaining-subscription-deletes",
    global: "x-ms-ratelimit-remaining-subscription-global-deletes",
    rate: Rate { per_second: 10.0, burst: 200.0 },
};

/// What all principals of a subscription have together, in times of one.
const GLOBAL: f64 = 15.0;

/// What is left of a bucket.
pub(crate) struct Left {
    bucket: &'static Bucket,
    tokens: f64,
}

/// Takes a token for a request; refuses it when there is none. Without rate limits the buckets are always full.
pub(crate) fn draw(cloud: &Cloud, request: &Request) -> Result<Left, Refusal> {
    let bucket = match request.method.as_str() {
        "GET" | "HEAD" => &READS,
        "DELETE" => &DELETES,
        _ => &WRITES,
    };
    if !cloud.settings.rate_limits {
        return Ok(Left { bucket, tokens: bucket.rate.burst - 1.0 });
    }
    let name = format!("azure/{}/{}", request.account, bucket.name);
    match cloud.limits.draw(&name, bucket.rate, Moment::now()) {
        Some(tokens) => Ok(Left { bucket, tokens }),
        None => Err(throttled(request, None).header(bucket.header, "0")),
    }
}

impl Left {
    /// Says so in an answer.
    pub(crate) fn tell(&self, outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        let Bucket { header, global, rate, .. } = self.bucket;
        let own = format!("{:.0}", self.tokens.floor());
        let all = format!("{:.0}", rate.burst.mul_add(GLOBAL, self.tokens.floor() - rate.burst));
        match outcome {
            Ok(reply) => Ok(reply.header(*header, own).header(*global, all)),
            Err(refusal) => Err(refusal.header(header, own).header(global, all)),
        }
    }
}
