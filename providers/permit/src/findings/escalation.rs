//! Sets of actions that together give more than each does.
//!
//! A set is looked for in what all statements of one identity give together, wildcards included,
//! less what is denied for every resource. An action that is narrowed to named resources does not
//! count: what can be reached is then written down. On AWS there are two exceptions. A role that may
//! change itself has every permission there is. A role that is passed gives what it may do to
//! whatever runs as it, and how that is called does not matter.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, On, Permission, Side, Who};

use super::{Hit, aws, azure, conditions, effective, google, some};
use crate::data;
use crate::document::text;

/// Of each inner list one action is needed; of the outer list, all.
type Set = &'static [&'static [&'static str]];

const PASS: &[&str] = &["iam:PassRole"];

/// Actions by which a role gives itself permissions, where it is the role they are allowed on.
const OF_ITSELF: &[&str] = &["iam:AttachRolePolicy", "iam:PutRolePolicy"];

/// Actions by which a policy is changed, and with it what everybody may do that has it.
const OF_POLICY: &[&str] = &["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

/// Paths on AWS: what is gained, and what it takes. Facts from <https://pathfinding.cloud/paths/>.
const AWS: &[(&str, Set)] = &[
    (
        "can change its own policies",
        &[&[
            "iam:AddUserToGroup",
            "iam:AttachGroupPolicy",
            "iam:AttachRolePolicy",
            "iam:AttachUserPolicy",
            "iam:CreatePolicyVersion",
            "iam:PutGroupPolicy",
            "iam:PutRolePolicy",
            "iam:PutUserPolicy",
            "iam:SetDefaultPolicyVersion",
        ]],
    ),
    (
        "can sign in as other users",
        &[&["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"]],
    ),
    ("can let itself take on other roles", &[&["iam:UpdateAssumeRolePolicy"]]),
    ("can take on other roles", &[&["sts:AssumeRole"]]),
    (
        "can run a function as another role",
        &[
            PASS,
            &["lambda:CreateFunction"],
            &["lambda:AddPermission", "lambda:CreateEventSourceMapping", "lambda:InvokeFunction"],
        ],
    ),
    (
        "can run a machine as another role",
        &[PASS, &["ec2:RequestSpotInstances", "ec2:RunInstances"]],
    ),
    (
        "can run a container as another role",
        &[
            PASS,
            &["ecs:RegisterTaskDefinition"],
            &["ecs:CreateService", "ecs:RunTask", "ecs:StartTask"],
        ],
    ),
    ("can run a Glue endpoint as another role", &[PASS, &["glue:CreateDevEndpoint"]]),
    (
        "can run a Glue job as another role",
        &[PASS, &["glue:CreateJob", "glue:UpdateJob"], &["glue:CreateTrigger", "glue:StartJobRun"]],
    ),
    (
        "can create a stack as another role",
        &[PASS, &["cloudformation:CreateStack", "cloudformation:UpdateStackSet"]],
    ),
    (
        "can create stacks as another role",
        &[PASS, &["cloudformation:CreateStackSet"], &["cloudformation:CreateStackInstances"]],
    ),
    (
        "can run a build as another role",
        &[
            PASS,
            &["codebuild:CreateProject"],
            &["codebuild:StartBuild", "codebuild:StartBuildBatch"],
        ],
    ),
    (
        "can run a pipeline as another role",
        &[
            PASS,
            &["datapipeline:CreatePipeline"],
            &["datapipeline:PutPipelineDefinition"],
            &["datapipeline:ActivatePipeline"],
        ],
    ),
    (
        "can run SageMaker as another role",
        &[
            PASS,
            &[
                "sagemaker:CreateNotebookInstance",
                "sagemaker:CreateProcessingJob",
                "sagemaker:CreateTrainingJob",
            ],
        ],
    ),
    ("can run a service as another role", &[PASS, &["apprunner:CreateService"]]),
    ("can run code as another role", &[PASS, &["bedrock-agentcore:CreateCodeInterpreter"]]),
    ("can replace the code of other functions", &[&["lambda:UpdateFunctionCode"]]),
    ("can change other stacks", &[&["cloudformation:UpdateStack"]]),
    (
        "can change other stacks by change sets",
        &[&["cloudformation:CreateChangeSet"], &["cloudformation:ExecuteChangeSet"]],
    ),
    ("can run other builds", &[&["codebuild:StartBuild", "codebuild:StartBuildBatch"]]),
    ("can change other services", &[&["apprunner:UpdateService"]]),
    ("can change other Glue endpoints", &[&["glue:UpdateDevEndpoint"]]),
    (
        "can change what machines start with",
        &[&["ec2:ModifyInstanceAttribute"], &["ec2:StopInstances"], &["ec2:StartInstances"]],
    ),
    (
        "can change what new machines start with",
        &[&["ec2:CreateLaunchTemplateVersion"], &["ec2:ModifyLaunchTemplate"]],
    ),
    (
        "can log in to machines",
        &[&["ec2-instance-connect:SendSSHPublicKey", "ssm:SendCommand", "ssm:StartSession"]],
    ),
    ("can open other notebooks", &[&["sagemaker:CreatePresignedNotebookInstanceUrl"]]),
    (
        "can change what other notebooks start with",
        &[
            &["sagemaker:CreateNotebookInstanceLifecycleConfig"],
            &["sagemaker:StopNotebookInstance"],
            &["sagemaker:UpdateNotebookInstance"],
            &["sagemaker:StartNotebookInstance"],
        ],
    ),
    (
        "can run code in other interpreters",
        &[
            &["bedrock-agentcore:StartCodeInterpreterSession"],
            &["bedrock-agentcore:InvokeCodeInterpreter"],
        ],
    ),
];

const ACT_AS: &[&str] = &["iam.serviceAccounts.actAs"];

/// Paths on Google Cloud. Facts from
/// <https://github.com/RhinoSecurityLabs/GCP-IAM-Privilege-Escalation>.
const GCP: &[(&str, Set)] = &[
    ("can change roles", &[&["iam.roles.update"]]),
    (
        "can become service accounts",
        &[&[
            "iam.serviceAccountKeys.create",
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.getOpenIdToken",
            "iam.serviceAccounts.implicitDelegation",
            "iam.serviceAccounts.signBlob",
            "iam.serviceAccounts.signJwt",
        ]],
    ),
    ("can change what the organization forbids", &[&["orgpolicy.policy.set"]]),
    (
        "can make or read keys",
        &[&["serviceusage.apiKeys.create", "serviceusage.apiKeys.list", "storage.hmacKeys.create"]],
    ),
    ("can deploy as the deployment service", &[&["deploymentmanager.deployments.create"]]),
    ("can build as the build service", &[&["cloudbuild.builds.create"]]),
    (
        "can run code as other service accounts",
        &[
            ACT_AS,
            &[
                "cloudfunctions.functions.create",
                "cloudfunctions.functions.update",
                "cloudscheduler.jobs.create",
                "compute.instances.create",
                "run.services.create",
            ],
        ],
    ),
    (
        "can give itself roles",
        &[&[
            "iam.serviceAccounts.setIamPolicy",
            "resourcemanager.folders.setIamPolicy",
            "resourcemanager.organizations.setIamPolicy",
            "resourcemanager.projects.setIamPolicy",
        ]],
    ),
];

const ASSIGN: &[&str] = &["Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"];

/// Paths on Azure. <https://github.com/emiliensocchi/azure-tiering> ranks the roles that have them.
const AZURE: &[(&str, Set)] = &[
    (
        "can give itself roles",
        &[&[
            "Microsoft.Authorization/elevateAccess/action",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleDefinitions/write",
        ]],
    ),
    (
        "can sign in as managed identities",
        &[&["Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"]],
    ),
    (
        "can run code as managed identities",
        &[
            ASSIGN,
            &[
                "Microsoft.Automation/automationAccounts/write",
                "Microsoft.Compute/virtualMachines/write",
                "Microsoft.Logic/workflows/write",
                "Microsoft.Resources/deployments/write",
                "Microsoft.Web/sites/write",
            ],
        ],
    ),
    ("can run code on machines", &[&["Microsoft.Compute/virtualMachines/runCommand/action"]]),
    (
        "can replace the code of other apps",
        &[&["Microsoft.Web/sites/publish/action", "Microsoft.Web/sites/publishxml/action"]],
    ),
    (
        "can run automation jobs",
        &[
            &["Microsoft.Automation/automationAccounts/jobs/write"],
            &["Microsoft.Automation/automationAccounts/runbooks/write"],
        ],
    ),
];

/// Looks for every set in what the function may do.
pub(super) fn judge(permissions: &[&Permission]) -> Vec<Hit> {
    let Some(first) = permissions.first().filter(|one| one.side == Side::Does) else {
        return Vec::new();
    };
    let (paths, code): (_, &'static str) = match first.cloud {
        Cloud::Aws => (AWS, "UP701"),
        Cloud::Gcp => (GCP, "UP702"),
        Cloud::Azure => (AZURE, "UP703"),
    };
    let of_set = |(gain, set): &(&str, Set)| match set {
        [pass, rest @ ..] if *pass == PASS => passing(permissions, gain, rest),
        _ => {
            let (names, on) = gathered(permissions, set, counts)?;
            Some(Hit { code, message: format!("the function {gain}, by {}", some(&names)), on })
        }
    };
    let mut hits: Vec<Hit> = paths.iter().filter_map(of_set).collect();
    if first.cloud == Cloud::Aws {
        hits.extend(policies(permissions));
    }
    hits
}

/// Collects the actions of a set and the permissions that give them; `None` where one is missing.
fn gathered(
    permissions: &[&Permission],
    set: Set,
    counts: impl Fn(&Permission, &str) -> bool,
) -> Option<(BTreeSet<String>, BTreeSet<usize>)> {
    let (mut names, mut on) = (BTreeSet::new(), BTreeSet::new());
    for any in set {
        let mut met = false;
        for action in *any {
            let given = effective::giving(permissions, action, |one| counts(one, action));
            if !given.is_empty() {
                met = true;
                names.insert((*action).to_owned());
                on.extend(given);
            }
        }
        if !met {
            return None;
        }
    }
    Some((names, on))
}

/// Looks for a role that is passed to something which the rest of a set lets the function run.
fn passing(permissions: &[&Permission], gain: &str, rest: Set) -> Option<Hit> {
    let service = rest.first()?.first()?.split(':').next()?;
    let useful = |one: &Permission| passes_to(one, service) && !others(one).is_empty();
    let passes = effective::giving(permissions, "iam:PassRole", useful);
    let (mut names, on) = gathered(permissions, rest, |_, _| true)?;
    names.extend(PASS.iter().map(|&pass| pass.to_owned()));
    let giving: Vec<&Permission> =
        passes.iter().filter_map(|at| permissions.get(*at).copied()).collect();
    if giving.is_empty() {
        return None;
    }
    let (code, gain) = if giving.iter().any(|one| aws::wide(one)) {
        ("UP701", gain.to_owned())
    } else {
        let roles = giving.iter().flat_map(|one| others(one)).collect();
        ("UP705", gain.replace("another role", &some(&roles)))
    };
    let on = on.into_iter().chain(passes).collect();
    Some(Hit { code, message: format!("the function {gain}, by {}", some(&names)), on })
}

/// Returns whether roles may be passed to a service: to any, or to those whose names have it.
fn passes_to(permission: &Permission, service: &str) -> bool {
    let names = conditions::asked(permission, "iam:PassedToService");
    names.is_none_or(|names| names.iter().any(|it| it.contains(service) || it.contains(['*', '?'])))
}

/// Returns the roles that may be passed and are not the function's own, which gives it nothing.
fn others(permission: &Permission) -> BTreeSet<String> {
    let own = own_role(permission);
    match &permission.on {
        On::These(these) => {
            these.iter().map(text).filter(|role| Some(role) != own.as_ref()).collect()
        }
        On::AllBut(_) => BTreeSet::from(["every role but some".to_owned()]),
        On::Carrier => BTreeSet::new(),
    }
}

/// Looks for named policies that may be changed: whether the function has them is not told.
fn policies(permissions: &[&Permission]) -> Option<Hit> {
    // Nobody but AWS changes a policy of AWS.
    let own = |action: &str, arn: &str| !arn.contains(":iam::aws:") && data::supports(action, arn);
    let one_policy = |one: &Permission, action: &str| match &one.on {
        On::These(these) => !aws::wide(one) && these.iter().any(|arn| own(action, &text(arn))),
        On::AllBut(_) | On::Carrier => false,
    };
    let (names, on) = gathered(permissions, &[OF_POLICY], one_policy)?;
    let gain = "can change a policy that it may have itself";
    Some(Hit { code: "UP705", message: format!("the function {gain}, by {}", some(&names)), on })
}

/// Returns whether a permission gives an action on more than named things, or on the function's own role.
fn counts(permission: &Permission, action: &str) -> bool {
    match permission.cloud {
        // An action that takes no resource cannot be narrowed.
        Cloud::Aws => {
            aws::wide(permission)
                || data::action(action).is_some_and(|known| !known.takes_resources())
                || OF_ITSELF.contains(&action) && about_itself(permission)
        }
        Cloud::Gcp => google::wide(permission),
        Cloud::Azure => {
            azure::broad(permission).is_some() || action.starts_with("Microsoft.Authorization/")
        }
    }
}

/// Returns whether a permission is about the role that has it.
fn about_itself(permission: &Permission) -> bool {
    let (Some(own), On::These(these)) = (own_role(permission), &permission.on) else {
        return false;
    };
    these.iter().map(text).any(|pattern| data::takes(&pattern, &own))
}

/// Returns the ARN of the role that has a permission.
fn own_role(permission: &Permission) -> Option<String> {
    match &permission.who {
        Who::Holder(holder) => Some(text(holder)),
        Who::Named(_) | Who::AllBut(_) | Who::Everybody => None,
    }
}

/// Returns every action that a set names, for a test.
#[cfg(test)]
pub(super) fn aws_actions() -> impl Iterator<Item = &'static str> {
    AWS.iter().flat_map(|(_, set)| set.iter().flat_map(|any| any.iter().copied()))
}
