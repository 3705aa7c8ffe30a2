//! Sets of actions that together give more than each does.
//!
//! A set is looked for in what all statements of one identity give together, wildcards included,
//! less what is denied for every resource. An action that is narrowed to named resources does not
//! count: what can be reached is then written down.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Permission, Side};

use super::{Hit, aws, azure, effective, google, some};
use crate::data;

/// Of each inner list one action is needed; of the outer list, all.
type Set = &'static [&'static [&'static str]];

const PASS: &[&str] = &["iam:PassRole"];

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
    paths.iter().filter_map(|(gain, set)| found(permissions, gain, set, code)).collect()
}

fn found(permissions: &[&Permission], gain: &str, set: Set, code: &'static str) -> Option<Hit> {
    let (mut names, mut on) = (BTreeSet::new(), BTreeSet::new());
    for any in set {
        let mut met = false;
        for action in *any {
            let given = effective::widely(permissions, action, |one| counts(one, action));
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
    Some(Hit { code, message: format!("the function {gain}, by {}", some(&names)), on })
}

/// Returns whether a permission gives an action on more than named things.
fn counts(permission: &Permission, action: &str) -> bool {
    match permission.cloud {
        // An action that takes no resource cannot be narrowed.
        Cloud::Aws => {
            aws::wide(permission)
                || data::action(action).is_some_and(|known| !known.takes_resources())
        }
        Cloud::Gcp => google::wide(permission),
        Cloud::Azure => {
            azure::broad(permission).is_some() || action.starts_with("Microsoft.Authorization/")
        }
    }
}

/// Returns every action that a set names, for a test.
#[cfg(test)]
pub(super) fn aws_actions() -> impl Iterator<Item = &'static str> {
    AWS.iter().flat_map(|(_, set)| set.iter().flat_map(|any| any.iter().copied()))
}
