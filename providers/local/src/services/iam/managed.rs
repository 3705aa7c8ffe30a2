//! AWS managed policies known here. Others exist at AWS; attaching one is refused as not modelled.

/// An AWS managed policy.
pub(super) struct Managed {
    /// Its ARN.
    pub(super) arn: &'static str,
    /// Its default version's name.
    pub(super) version: &'static str,
    /// Its document.
    pub(super) document: &'static str,
}

/// Source: AWS Managed Policy Reference Guide.
pub(super) const MANAGED: &[Managed] = &[
    Managed {
        arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    },
    Managed {
        arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaRole",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["*"]}]}"#,
    },
    Managed {
        arn: "arn:aws:iam::aws:policy/AdministratorAccess",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
];

/// Finds one by ARN.
pub(super) fn managed(arn: &str) -> Option<&'static Managed> {
    MANAGED.iter().find(|policy| policy.arn == arn)
}

impl Managed {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// Its path.
    pub(super) fn path(&self) -> &'static str {
        let rest = self.arn.strip_prefix("arn:aws:iam::aws:policy").unwrap_or("/");
        rest.rfind('/').and_then(|end| rest.get(..=end)).unwrap_or("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Kind, parse};

    #[test]
    fn every_document_reads_and_names_and_paths_are_cut_right() {
        for policy in MANAGED {
            parse(policy.document, Kind::Identity).unwrap();
        }
        assert_eq!(MANAGED[0].name(), "AWSLambdaBasicExecutionRole");
        assert_eq!(MANAGED[0].path(), "/service-role/");
        assert_eq!(MANAGED[2].path(), "/");
    }
}
