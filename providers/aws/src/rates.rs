//! How often AWS lets an account call each operation, per region.

use updraft_transport::Rate;

/// One published limit and the operations it covers.
struct Limit {
    /// Operations: a whole one, or a service and `*`.
    operations: &'static [&'static str],
    rate: Rate,
}

const fn rate(bucket: &'static str, per_second: f64, burst: f64) -> Rate {
    Rate { bucket, per_second, burst }
}

/// The published limits; a call must fit every one that covers it.
///
/// Lambda: developer guide, `gettingstarted-limits`: `GetFunction` 100 per second, `GetPolicy` 15, all
/// other control-plane calls together 15. API Gateway: developer guide, `limits`. `EventBridge`
/// Scheduler: user guide, `scheduler-quotas`. IAM and STS publish none.
const LIMITS: &[Limit] = &[
    Limit { operations: &["lambda:GetFunction"], rate: rate("lambda-get-function", 100.0, 100.0) },
    Limit { operations: &["lambda:GetPolicy"], rate: rate("lambda-get-policy", 15.0, 15.0) },
    Limit { operations: &["lambda:*"], rate: rate("lambda", 15.0, 15.0) },
    Limit {
        operations: &["apigateway:CreateRestApi"],
        rate: rate("create-rest-api", 1.0 / 3.0, 1.0),
    },
    Limit {
        operations: &["apigateway:CreateDeployment"],
        rate: rate("create-deployment", 0.2, 1.0),
    },
    Limit {
        operations: &["apigateway:DeleteRestApi"],
        rate: rate("delete-rest-api", 1.0 / 30.0, 1.0),
    },
    Limit { operations: &["apigateway:CreateResource"], rate: rate("create-resource", 5.0, 5.0) },
    Limit { operations: &["apigateway:DeleteResource"], rate: rate("delete-resource", 5.0, 5.0) },
    Limit { operations: &["apigateway:GetResources"], rate: rate("get-resources", 2.5, 5.0) },
    Limit { operations: &["apigateway:*", "apigatewayv2:*"], rate: rate("apigateway", 10.0, 40.0) },
    Limit {
        operations: &["scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup"],
        rate: rate("schedule-group", 10.0, 10.0),
    },
];

/// Operations that have a bucket to themselves, or none.
const APART: [&str; 3] = ["lambda:GetFunction", "lambda:GetPolicy", "lambda:Invoke"];

/// Returns the limits that a call of `operation` must fit.
pub(crate) fn of(operation: &'static str) -> impl Iterator<Item = Rate> {
    let covers = move |pattern: &&str| match pattern.strip_suffix('*') {
        Some(service) => operation.starts_with(service) && !APART.contains(&operation),
        None => **pattern == *operation,
    };
    LIMITS.iter().filter(move |limit| limit.operations.iter().any(covers)).map(|limit| limit.rate)
}

#[cfg(test)]
mod tests {
    use super::of;

    fn buckets(operation: &'static str) -> Vec<&'static str> {
        of(operation).map(|rate| rate.bucket).collect()
    }

    #[test]
    fn a_call_fits_its_own_limit_and_the_services() {
        assert_eq!(buckets("apigateway:CreateDeployment"), ["create-deployment", "apigateway"]);
        assert_eq!(buckets("lambda:GetFunction"), ["lambda-get-function"]);
        assert_eq!(buckets("lambda:UpdateFunctionCode"), ["lambda"]);
        assert!(buckets("lambda:Invoke").is_empty());
        assert!(buckets("iam:CreateRole").is_empty());
    }
}
