//! Every rule: its code, its class, how bad it is, what to do, and where it comes from.

use crate::Severity;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code.
    pub code: &'static str,
    /// Its class, the word for `--fail-on`.
    pub class: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

const fn new(
    code: &'static str,
    class: &'static str,
    severity: Severity,
    [title, remedy, source]: [&'static str; 3],
) -> Rule {
    Rule { code, class, severity, title, remedy, source }
}

const AA: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";
const DEPUTY: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html";
const PATHS: &str = "https://pathfinding.cloud/paths/";
const SPLAINING: &str =
    "https://cloudsplaining.readthedocs.io/en/latest/glossary/privilege-escalation/";
const QUOTAS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const PRIVESC: &str = "https://github.com/RhinoSecurityLabs/GCP-IAM-Privilege-Escalation";
const TIERING: &str = "https://github.com/emiliensocchi/azure-tiering";
const LEAST: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege";
const GOOGLE: &str = "https://cloud.google.com/iam/docs/using-iam-securely";
const AZURE: &str = "https://learn.microsoft.com/azure/role-based-access-control/best-practices";

/// Every rule, by code.
pub const RULES: &[Rule] = &[
    new(
        "UP101",
        "public-access",
        Severity::Critical,
        [
            "everybody may call or become the function, and the manifest does not ask for it",
            "name the callers, or narrow it by account, organization or source",
            AA,
        ],
    ),
    new(
        "UP102",
        "public-access",
        Severity::High,
        [
            "everybody may call the function, as the manifest says",
            "give the trigger `auth`, unless the function is meant for the public and checks callers itself",
            "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        ],
    ),
    new(
        "UP201",
        "confused-deputy",
        Severity::High,
        [
            "a service may call for anybody's resource",
            "add `aws:SourceArn` or `aws:SourceAccount`",
            DEPUTY,
        ],
    ),
    new(
        "UP202",
        "confused-deputy",
        Severity::Medium,
        [
            "a service may take on the identity for anybody's resource",
            "add `aws:SourceAccount` to the trust policy",
            DEPUTY,
        ],
    ),
    new(
        "UP203",
        "confused-deputy",
        Severity::High,
        [
            "a bucket's ARN names no account, so that a deleted bucket's name can be taken over",
            "add `aws:SourceAccount` beside `aws:SourceArn`",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
        ],
    ),
    new(
        "UP204",
        "confused-deputy",
        Severity::High,
        [
            "the source may be in any account",
            "write the account into `aws:SourceArn`, or add `aws:SourceAccount`",
            DEPUTY,
        ],
    ),
    new(
        "UP205",
        "confused-deputy",
        Severity::Medium,
        [
            "another account may take on the identity without an external id",
            "ask for `sts:ExternalId`, or narrow it by `aws:PrincipalOrgID`",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        ],
    ),
    new(
        "UP301",
        "wildcard",
        Severity::Medium,
        [
            "an action that can be narrowed to a resource is allowed on every one, or on every one of a type",
            "name the resources",
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
        ],
    ),
    new(
        "UP302",
        "wildcard",
        Severity::Medium,
        [
            "every action of a service is allowed",
            "name the actions",
            "https://cloudsplaining.readthedocs.io/en/latest/glossary/service-wildcard/",
        ],
    ),
    new(
        "UP303",
        "wildcard",
        Severity::Medium,
        [
            "a role is given on far more than the resource it is for",
            "give the role on the resource",
            AZURE,
        ],
    ),
    new("UP304", "wildcard", Severity::High, ["every action is allowed", "name the actions", AA]),
    new(
        "UP305",
        "wildcard",
        Severity::High,
        [
            "everything but some actions is allowed, services of the future included",
            "name what is allowed instead of what is not",
            AA,
        ],
    ),
    new(
        "UP306",
        "wildcard",
        Severity::High,
        [
            "everything but some resources is allowed",
            "name what is allowed instead of what is not",
            AA,
        ],
    ),
    new(
        "UP307",
        "wildcard",
        Severity::High,
        ["everybody but some is allowed", "name who is allowed instead of who is not", AA],
    ),
    new(
        "UP401",
        "pass-role",
        Severity::High,
        [
            "a role can be passed that is not named, or to any service",
            "name the role, and the service in `iam:PassedToService`",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        ],
    ),
    new(
        "UP402",
        "pass-role",
        Severity::High,
        [
            "any managed identity can be given to a resource",
            "give the role on the one identity",
            TIERING,
        ],
    ),
    new(
        "UP403",
        "pass-role",
        Severity::High,
        [
            "any service account of the project can be used",
            "give the role on the one service account",
            PRIVESC,
        ],
    ),
    new(
        "UP501",
        "permissions-management",
        Severity::High,
        [
            "permissions can be changed",
            "leave this to whoever deploys",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html",
        ],
    ),
    new(
        "UP502",
        "credentials",
        Severity::High,
        [
            "credentials can be had for more than one thing",
            "name the one resource, or leave it out",
            "https://cloudsplaining.readthedocs.io/en/latest/glossary/credentials-exposure/",
        ],
    ),
    new(
        "UP503",
        "credentials",
        Severity::Low,
        [
            "credentials for one thing can be had",
            "make sure that the function needs them",
            "https://cloudsplaining.readthedocs.io/en/latest/glossary/credentials-exposure/",
        ],
    ),
    new(
        "UP601",
        "data-exfiltration",
        Severity::Medium,
        [
            "all data of a service can be read",
            "name the resources whose data the function reads",
            "https://cloudsplaining.readthedocs.io/en/latest/glossary/data-exfiltration/",
        ],
    ),
    new(
        "UP701",
        "privilege-escalation",
        Severity::High,
        [
            "actions together let the function get more than it has",
            "take one of the actions out; naming a resource helps where what the resource gives is no more than the function may do",
            PATHS,
        ],
    ),
    new(
        "UP702",
        "privilege-escalation",
        Severity::High,
        [
            "permissions together let the function get more than it has",
            "take one of the permissions out, or give it on one resource",
            PRIVESC,
        ],
    ),
    new(
        "UP703",
        "privilege-escalation",
        Severity::High,
        [
            "operations together let the function get more than it has",
            "take one of the operations out",
            TIERING,
        ],
    ),
    new(
        "UP704",
        "privilege-escalation",
        Severity::Critical,
        [
            "a role for administrators is given to a function",
            "give a role that is for what the function does",
            GOOGLE,
        ],
    ),
    new(
        "UP705",
        "privilege-escalation",
        Severity::Medium,
        [
            "actions together let the function do what a named role or policy allows",
            "take one of the actions out, or make sure that the function may do all that the role or policy allows",
            PATHS,
        ],
    ),
    new(
        "UP801",
        "live-surplus",
        Severity::Medium,
        [
            "something is allowed that neither the manifest nor Updraft put there",
            "declare it in the manifest, or take it away where it was given",
            SPLAINING,
        ],
    ),
    new(
        "UP802",
        "vendor-change",
        Severity::Low,
        [
            "the vendor changed what is in a role",
            "look at what was gained; a custom role stays as it is",
            "https://cloud.google.com/iam/docs/roles-overview#predefined",
        ],
    ),
    new(
        "UP901",
        "quota",
        Severity::High,
        [
            "a policy is larger than its quota",
            "join statements, or use a prefix instead of many names",
            QUOTAS,
        ],
    ),
    new(
        "UP902",
        "quota",
        Severity::Low,
        [
            "a policy is close to its quota",
            "join statements, or use a prefix instead of many names",
            QUOTAS,
        ],
    ),
    new(
        "UP911",
        "undeclared-use",
        Severity::High,
        [
            "the handler calls what nothing declared allows",
            "declare it under `access`, or take the call away",
            LEAST,
        ],
    ),
    new(
        "UP912",
        "unused-declaration",
        Severity::Medium,
        [
            "access is declared and the handler never uses it",
            "take the verb away if nothing needs it",
            LEAST,
        ],
    ),
    new(
        "UP913",
        "unresolved-use",
        Severity::Low,
        ["a call of the handler could not be followed", "look at what is called there", LEAST],
    ),
    new(
        "UP921",
        "no-effect",
        Severity::Low,
        [
            "an action is allowed that is not known here",
            "correct its name; if it is newer than this version of Updraft, leave it",
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
        ],
    ),
    new(
        "UP922",
        "no-effect",
        Severity::Medium,
        [
            "an action is allowed on what it is never done to, so that it stays forbidden",
            "name what the action takes, such as `arn:aws:s3:::NAME/*` for objects",
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
        ],
    ),
];

/// Returns the rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}
