//! Resolves what is said about clouds.

use std::collections::BTreeMap;

use updraft_contract::{Cloud, ProviderConfig};

use super::super::at::{At, value};
use super::super::problem::Problem;
use super::super::syntax::{Aws, Azure, Gcp, Providers};
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
        if let Some(At { value: Some(azure), .. }) = &providers.azure {
            configs.insert(Cloud::Azure, self.azure(azure));
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

    fn azure(&mut self, azure: &Azure) -> ProviderConfig {
        let subscription =
            ("UD019", "an Azure subscription", "a subscription is written with its id, a GUID");
        let region = ("UD028", "an Azure region", "a region is written like `westeurope`");
        let group = (
            "UD037",
            "a resource group",
            "letters, digits, `_`, `-`, `.` and brackets, 90 at most; no `.` last",
        );
        let vault = (
            "UD037",
            "a key vault",
            "3 to 24 letters, digits and single dashes; a letter first, no dash last",
        );
        let application =
            ("UD037", "an application", "an application is written with its client id, a GUID");
        self.form(azure.subscription.as_ref(), is_guid, subscription);
        self.form(azure.region.as_ref(), is_azure_region, region);
        self.form(azure.resource_group.as_ref(), is_resource_group, group);
        self.form(azure.key_vault.as_ref(), is_key_vault, vault);
        self.form(azure.application.as_ref(), is_guid, application);
        ProviderConfig {
            region: value(azure.region.as_ref()).cloned(),
            account: value(azure.subscription.as_ref()).cloned(),
            resource_group: value(azure.resource_group.as_ref()).cloned(),
            key_vault: value(azure.key_vault.as_ref()).cloned(),
            application: value(azure.application.as_ref()).cloned(),
            own_storage: value(azure.host_storage.as_ref()).is_some_and(|word| word.0),
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

/// Returns whether a text is a GUID, as ids of Azure are written.
fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
}

/// Returns whether a text has the form of an Azure region. The list of regions grows, so only the
/// form is checked: that of the names `az account list-locations` prints.
fn is_azure_region(text: &str) -> bool {
    text.len() >= 6
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Returns whether a text has the form of a resource group:
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources>.
fn is_resource_group(text: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || "_-.()".contains(c);
    (1..=90).contains(&text.chars().count()) && text.chars().all(letter) && !text.ends_with('.')
}

/// Returns whether a text has the form of a key vault:
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault>.
fn is_key_vault(text: &str) -> bool {
    (3..=24).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
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
    use super::{
        is_aws_region, is_azure_region, is_google_project, is_google_region, is_guid, is_key_vault,
        is_resource_group,
    };

    #[test]
    fn what_azure_names_has_a_form() {
        let guid = "8f5d1e0a-0b1c-4d2e-8f3a-4b5c6d7e8f90";
        assert!(is_guid(guid) && is_guid(&guid.to_uppercase()));
        for text in ["", "8f5d1e0a", &guid.replace('-', ""), &format!("{{{guid}}}")] {
            assert!(!is_guid(text), "{text}");
        }
        assert!(["westeurope", "eastus2"].into_iter().all(is_azure_region));
        for text in ["", "West Europe", "eu-west-1", "europe-west1"] {
            assert!(!is_azure_region(text), "{text}");
        }
        assert!(is_resource_group("shop.(prod)_1") && !is_resource_group("shop."));
        assert!(!is_resource_group("a/b") && !is_resource_group(&"a".repeat(91)));
        assert!(is_key_vault("shop-secrets"));
        for text in ["a", "1shop", "shop-", "shop--1", "shop_1", "https://shop.vault.azure.net"] {
            assert!(!is_key_vault(text), "{text}");
        }
    }

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
