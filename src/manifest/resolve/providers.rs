//! Resolves what is said about clouds.

use std::collections::BTreeMap;

use updraft_contract::{Cloud, ProviderConfig};

use super::super::at::{At, value};
use super::super::problem::{Problem, Span};
use super::super::syntax::{Aws, Gcp, Providers};
use super::Resolver;

impl Resolver<'_> {
    /// Returns the settings of each cloud.
    pub(super) fn providers(
        &mut self,
        providers: Option<&Providers>,
    ) -> BTreeMap<Cloud, ProviderConfig> {
        let mut configs = BTreeMap::new();
        let Some(providers) = providers else { return configs };
        if let Some(At { value: Some(aws), .. }) = &providers.aws {
            configs.insert(Cloud::Aws, self.aws(aws));
        }
        if let Some(azure) = &providers.azure {
            configs.insert(Cloud::Azure, self.unavailable("azure", &azure.span));
        }
        if let Some(At { value: Some(gcp), .. }) = &providers.gcp {
            configs.insert(Cloud::Gcp, self.gcp(gcp));
        }
        configs
    }

    fn aws(&mut self, aws: &Aws) -> ProviderConfig {
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let account = ("UD019", "an AWS account", "an account is twelve digits, in quotes");
        let region = ("UD028", "an AWS region", "a region is written like `eu-west-1`");
        self.form(aws.account.as_ref(), digits, account);
        self.form(aws.region.as_ref(), is_aws_region, region);
        ProviderConfig {
            region: value(aws.region.as_ref()).cloned(),
            account: value(aws.account.as_ref()).cloned(),
            profile: value(aws.profile.as_ref()).cloned(),
            rest_timeout: value(aws.rest_timeout.as_ref()).map(|interval| interval.0),
            ..ProviderConfig::default()
        }
    }

    fn gcp(&mut self, gcp: &Gcp) -> ProviderConfig {
        let project = (
            "UD019",
            "a Google Cloud project",
            "a project's id has 6 to 30 lower-case letters, digits and dashes; a letter first, \
             no dash last",
        );
        let region = ("UD028", "a Google Cloud region", "a region is written like `europe-west1`");
        self.form(gcp.project.as_ref(), is_google_project, project);
        self.form(gcp.region.as_ref(), is_google_region, region);
        ProviderConfig {
            region: value(gcp.region.as_ref()).cloned(),
            account: value(gcp.project.as_ref()).cloned(),
            ..ProviderConfig::default()
        }
    }

    /// Reports a text that has not the form it needs: code, what it is not, what to write.
    fn form(
        &mut self,
        typed: Option<&At<String>>,
        fits: impl Fn(&str) -> bool,
        (code, what, help): (&'static str, &str, &str),
    ) {
        if let Some(At { span, value: Some(text) }) = typed
            && !fits(text)
        {
            let message = format!("`{text}` is not {what}");
            self.problems.push(Problem::error(code, span.clone(), message).help(help));
        }
    }

    fn unavailable(&mut self, cloud: &str, span: &Span) -> ProviderConfig {
        let message = format!("`{cloud}` is not available in this version");
        let help = "this version deploys to `aws` and `gcp`";
        self.problems.push(Problem::error("UD018", span.clone(), message).help(help));
        ProviderConfig::default()
    }
}

/// Returns whether a text has the form of a project id. Older projects may belong to a domain:
/// <https://cloud.google.com/resource-manager/docs/creating-managing-projects>.
fn is_google_project(text: &str) -> bool {
    let (domain, id) = text.rsplit_once(':').unwrap_or(("a", text));
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (6..=30).contains(&id.len())
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && !id.ends_with('-')
        && id.chars().all(letter)
        && !domain.is_empty()
        && domain.chars().all(|c| letter(c) || c == '.')
}

/// Returns whether a text has the form of a Google Cloud region: words, the last with a number.
fn is_google_region(text: &str) -> bool {
    let Some((area, place)) = text.split_once('-') else { return false };
    let word = |text: &str| text.len() >= 2 && text.bytes().all(|b| b.is_ascii_lowercase());
    let name = place.trim_end_matches(|c: char| c.is_ascii_digit());
    word(area) && word(name) && (1..=2).contains(&(place.len() - name.len()))
}

/// Returns whether a text has the form of an AWS region, such as `us-gov-west-1`. The list of
/// regions grows, so only the form is checked; it is that of the ARNs in Lambda's service model.
fn is_aws_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let word = |word: &&str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(word)
        && number.len() == 1
        && number.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_aws_region, is_google_project, is_google_region};

    #[test]
    fn the_regions_of_one_cloud_are_not_those_of_the_other() {
        for region in ["eu-west-1", "us-gov-west-1", "ap-southeast-2"] {
            assert!(is_aws_region(region) && !is_google_region(region), "{region}");
        }
        for region in ["europe-west1", "us-central1", "northamerica-northeast2", "europe-west12"] {
            assert!(is_google_region(region) && !is_aws_region(region), "{region}");
        }
        for region in ["", "eu", "europe-west", "europe-west1-b", "Europe-west1", "europe-1"] {
            assert!(!is_google_region(region), "{region}");
        }
    }

    #[test]
    fn a_project_is_named_by_its_id() {
        for project in ["shop-123", "example.com:shop-123"] {
            assert!(is_google_project(project), "{project}");
        }
        for project in ["", "shop", "123456789012", "Shop-123", "shop-", ":shop-123", "my shop"] {
            assert!(!is_google_project(project), "{project}");
        }
    }
}
