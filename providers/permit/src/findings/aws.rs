//! Rules about one permission on AWS.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{On, Permission, Reason, Side, What, When, Who};

use super::{Hit, conditions, effective, public, some};
use crate::document::text;
use crate::review::everybody;
use crate::{Level, data};

/// Actions that return credentials or make new ones.
/// <https://cloudsplaining.readthedocs.io/en/latest/glossary/credentials-exposure/>
const CREDENTIALS: &[&str] = &[
    "chime:CreateApiKey",
    "codeartifact:GetAuthorizationToken",
    "codepipeline:PollForJobs",
    "cognito-identity:GetCredentialsForIdentity",
    "cognito-identity:GetOpenIdToken",
    "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
    "connect:GetFederationToken",
    "ecr:GetAuthorizationToken",
    "gamelift:RequestUploadCredentials",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateAccessKey",
    "lightsail:CreateBucketAccessKey",
    "lightsail:DownloadDefaultKeyPair",
    "lightsail:GetBucketAccessKeys",
    "lightsail:GetKeyPair",
    "lightsail:GetKeyPairs",
    "lightsail:GetInstanceAccessDetails",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "rds-db:connect",
    "redshift:GetClusterCredentials",
    "redshift:GetClusterCredentialsWithIAM",
    "snowball:GetJobUnlockCode",
    "sso:GetRoleCredentials",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
];

/// Actions that read what people keep.
/// <https://cloudsplaining.readthedocs.io/en/latest/glossary/data-exfiltration/>
const READS: &[&str] = &[
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

/// Actions that AWS itself documents on `*` for functions in a network: the interfaces do not exist
/// before. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions>
const NETWORK: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
];

/// Actions that AWS documents on `*`, narrowed by a key of their own.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html>
const BY_KEY: &[(&str, &str)] = &[("cloudwatch:PutMetricData", "cloudwatch:namespace")];

/// Judges one permission that allows.
pub(super) fn judge(at: usize, permission: &Permission) -> Vec<Hit> {
    match permission.side {
        Side::Does | Side::Deploys => does(at, permission),
        Side::Called | Side::Assumed => asked(at, permission),
    }
}

/// Judges who may call the function or take on its identity.
fn asked(at: usize, permission: &Permission) -> Vec<Hit> {
    let mut hits = Vec::new();
    if matches!(permission.who, Who::AllBut(_)) {
        let message = "everybody but some is allowed".to_owned();
        hits.push(Hit::on(at, "UP307", message));
    } else if everybody(&permission.who) && !conditions::narrows(permission) {
        hits.push(public(at, permission));
    }
    let Who::Named(names) = &permission.who else { return hits };
    if permission.reasons.iter().any(|reason| reason.words == Reason::FOR_EVERYBODY) {
        let services: Vec<String> = names.values().flatten().map(text).collect();
        let message = format!("everybody may call the function, through {}", services.join(", "));
        hits.push(Hit::on(at, "UP102", message));
    }
    for service in names.get("Service").into_iter().flatten().map(text) {
        hits.extend(deputy(at, permission, &service));
    }
    if permission.side == Side::Assumed {
        for account in names.get("AWS").into_iter().flatten().map(text) {
            hits.extend(stranger(at, permission, &account));
        }
    }
    hits
}

/// Judges a service that acts for others.
fn deputy(at: usize, permission: &Permission, service: &str) -> Option<Hit> {
    let arns = conditions::asked(permission, "aws:SourceArn");
    let mine =
        ["aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "lambda:EventSourceToken"]
            .iter()
            .any(|key| conditions::asked(permission, key).is_some());
    let (code, message) = match arns {
        _ if mine => return None,
        None if permission.side == Side::Assumed => {
            ("UP202", format!("`{service}` may take on the identity on behalf of any account"))
        }
        None => ("UP201", format!("`{service}` may call the function on behalf of any account")),
        Some(arns) => {
            let account = |arn: &String| arn.split(':').nth(4).unwrap_or_default().to_owned();
            let arn = arns.iter().find(|arn| {
                let account = account(arn);
                account.is_empty() || account.contains(['*', '?'])
            })?;
            if arn.starts_with("arn:") && account(arn).is_empty() && service == "s3.amazonaws.com" {
                ("UP203", format!("`{service}` may call the function for `{arn}`, whoever owns it"))
            } else {
                ("UP204", format!("`{service}` may call the function for `{arn}` of any account"))
            }
        }
    };
    Some(Hit::on(at, code, message))
}

/// Judges another account that may take on the identity.
fn stranger(at: usize, permission: &Permission, name: &str) -> Option<Hit> {
    let account = |arn: &str| match arn.split(':').nth(4) {
        Some(account) => account.to_owned(),
        None => arn.to_owned(),
    };
    let own = match &permission.on {
        On::These(these) => these.iter().map(text).map(|arn| account(&arn)).next(),
        On::AllBut(_) | On::Carrier => None,
    };
    let theirs = account(name);
    let known = theirs.len() == 12 && theirs.chars().all(|digit| digit.is_ascii_digit());
    if !known || own.as_ref() == Some(&theirs) || conditions::narrows(permission) {
        return None;
    }
    let message = format!("account {theirs} may take on the identity without an external id");
    Some(Hit::on(at, "UP205", message))
}

/// Judges what the function may do.
fn does(at: usize, permission: &Permission) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut hit = |code, message: String| hits.push(Hit::on(at, code, message));
    match &permission.what {
        What::AllBut(but) => hit("UP305", format!("everything but {} is allowed", some(but))),
        What::Actions(actions) => {
            for action in actions {
                if action.chars().all(|letter| letter == '*') || action == "*:*" {
                    hit("UP304", "every action of every service is allowed".to_owned());
                } else if let Some(service) = action.strip_suffix(":*") {
                    hit("UP302", format!("every action of `{service}` is allowed"));
                }
            }
        }
        What::Role(_) => {}
    }
    if let On::AllBut(but) = &permission.on {
        let but = but.iter().map(text).collect();
        hit("UP306", format!("all resources but {} are allowed", some(&but)));
    }
    hits.extend(wildcard(at, permission));
    hits.extend(pass_role(at, permission));
    hits.extend(management(at, permission));
    hits.extend(credentials(at, permission));
    hits.extend(reads(at, permission));
    hits
}

/// Finds actions on every resource, or on every one of a type, that could be narrowed.
fn wildcard(at: usize, permission: &Permission) -> Vec<Hit> {
    if tagged(permission) {
        return Vec::new();
    }
    let narrow = named(permission).into_iter().filter(|action| action.takes_resources());
    let narrow = narrow.filter(|action| !NETWORK.contains(&action.name.as_str()));
    let by_key = |name: &str| {
        let mut keys = BY_KEY.iter().filter(|(action, _)| *action == name);
        keys.any(|(_, key)| conditions::asked(permission, key).is_some())
    };
    let narrow: Vec<_> = narrow.filter(|action| !by_key(&action.name)).collect();
    if effective::everywhere(permission) {
        let names: BTreeSet<String> = narrow.iter().map(|action| action.name.clone()).collect();
        let message = || format!("{} on every resource, and can be narrowed", allowed(&names));
        return (!names.is_empty()).then(|| Hit::on(at, "UP301", message())).into_iter().collect();
    }
    let On::These(these) = &permission.on else { return Vec::new() };
    let each = these.iter().map(text).filter(|pattern| pattern.contains(['*', '?']));
    each.filter_map(|pattern| typed(at, &narrow, &pattern)).collect()
}

/// Finds actions on every resource of a type, which is what a pattern stands for that names none.
fn typed(at: usize, actions: &[&data::Action], pattern: &str) -> Option<Hit> {
    let (mut names, mut types) = (BTreeSet::new(), BTreeSet::new());
    // Many actions take the same types.
    let mut judged: BTreeMap<&str, bool> = BTreeMap::new();
    for action in actions {
        for form in &action.resources {
            if *judged.entry(form.arn).or_insert_with(|| form.all_in(pattern)) {
                names.insert(action.name.clone());
                types.insert(form.name.to_owned());
            }
        }
    }
    let message = || {
        let types = some(&types);
        format!("{} on every {types}, by `{pattern}`, and can be narrowed", allowed(&names))
    };
    (!names.is_empty()).then(|| Hit::on(at, "UP301", message()))
}

fn allowed(names: &BTreeSet<String>) -> String {
    format!("{} {} allowed", some(names), if names.len() == 1 { "is" } else { "are" })
}

/// Returns whether only resources with a tag are meant.
fn tagged(permission: &Permission) -> bool {
    match &permission.when {
        When::Tests(tests) => {
            tests.iter().any(|test| test.key.to_lowercase().starts_with("aws:resourcetag/"))
        }
        When::Always | When::Expression(_) => false,
    }
}

fn pass_role(at: usize, permission: &Permission) -> Option<Hit> {
    let pass = "iam:PassRole";
    if !effective::about(permission, pass) {
        return None;
    }
    let why = if wide(permission) {
        "of any name"
    } else if conditions::asked(permission, "iam:PassedToService").is_none() {
        "to any service"
    } else {
        return None;
    };
    Some(Hit::on(at, "UP401", format!("`{pass}` is allowed for roles {why}")))
}

/// Finds actions that change permissions. Those that a whole-service wildcard brings along are
/// part of that finding.
fn management(at: usize, permission: &Permission) -> Option<Hit> {
    let all = named(permission).into_iter();
    let names: BTreeSet<String> = all
        .filter(|action| action.level == Level::PermissionsManagement)
        .map(|action| action.name.clone())
        .collect();
    let message = || format!("{}, which changes permissions", allowed(&names));
    (!names.is_empty()).then(|| Hit::on(at, "UP501", message()))
}

fn credentials(at: usize, permission: &Permission) -> Option<Hit> {
    let given = CREDENTIALS.iter().filter(|action| effective::about(permission, action));
    let names: BTreeSet<String> = given.map(|action| (*action).to_owned()).collect();
    let code = if wide(permission) { "UP502" } else { "UP503" };
    let message = || format!("{}, which gives credentials", allowed(&names));
    (!names.is_empty()).then(|| Hit::on(at, code, message()))
}

fn reads(at: usize, permission: &Permission) -> Option<Hit> {
    let whole = match &permission.on {
        On::These(these) => these.iter().map(text).any(|arn| everything(&arn)),
        On::AllBut(_) => true,
        On::Carrier => false,
    };
    let given = READS.iter().filter(|action| whole && effective::about(permission, action));
    let names: BTreeSet<String> = given.map(|action| (*action).to_owned()).collect();
    let message = || format!("{} on all there is", allowed(&names));
    (!names.is_empty()).then(|| Hit::on(at, "UP601", message()))
}

/// Returns whether a pattern takes everything of a service: nothing in it is named.
fn everything(pattern: &str) -> bool {
    let Some(last) = pattern.splitn(6, ':').nth(5) else { return pattern == "*" };
    let name =
        last.strip_prefix("secret:").or_else(|| last.strip_prefix("parameter/")).unwrap_or(last);
    name.starts_with('*') || name.is_empty()
}

/// Returns whether more than one named resource is meant.
pub(super) fn wide(permission: &Permission) -> bool {
    match &permission.on {
        On::These(these) => these.iter().map(text).any(|arn| {
            let mut fields = arn.splitn(6, ':');
            arn == "*" || fields.any(|field| field.contains(['*', '?']))
        }),
        On::AllBut(_) => true,
        On::Carrier => false,
    }
}

/// Returns the known actions that a permission names, or takes by a pattern.
fn named(permission: &Permission) -> Vec<&'static data::Action> {
    match &permission.what {
        What::Actions(actions) => {
            actions.iter().flat_map(|action| data::matching(action)).collect()
        }
        What::AllBut(_) | What::Role(_) => Vec::new(),
    }
}
