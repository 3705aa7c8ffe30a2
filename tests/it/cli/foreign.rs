//! Who else may call a function on AWS, because somebody let them.

use insta::assert_snapshot;

use super::meddler::Meddler;
use super::served::Served;
use super::shop::shop;

#[test]
fn callers_that_somebody_else_let_in_are_told() {
    let bench = shop();
    let served = Served::start(&bench, "");
    let _ = bench.answer("apply --local --yes");
    let quiet = bench.answer("permissions --live --local");
    assert!(!quiet.contains("put there by somebody else"), "{quiet}");
    let somebody = Meddler::new(&served.url);
    somebody.callers("shop-dev-hello", "*");
    // Nothing calls this one through its policy, so no plan reads that.
    somebody.callers("shop-dev-tidy", "999988887777");

    let planned = bench.run("plan --local --detailed-exitcode");
    assert_eq!(planned.code, 0, "{}", planned.transcript());
    assert_snapshot!(planned.out, @"
    No changes. Your infrastructure matches the configuration.

    What changes about permissions:

      ! everybody may call function.hello on AWS
          put there by somebody else, in aws.permission/hello.of others: theirs

      critical (UP101) function.hello on AWS
          Everybody may call the function.
          Name the callers, or narrow it by account, organization or source.

    Permissions: 1 not ours; findings: 1 critical, 1 high, 1 medium.
    2 findings are not shown here; `updraft permissions` has all.
    ");
    let live = bench.answer("permissions --live --local");
    let told: Vec<&str> = live
        .lines()
        .filter(|line| line.trim_start().starts_with('!') || line.contains("(UP"))
        .collect();
    assert_snapshot!(told.join("\n"), @"
    ! live, and put there by somebody else
    ! everybody: lambda:InvokeFunction  (write)
    ! AWS arn:aws:iam::999988887777:root: lambda:InvokeFunction  (write)
    critical (UP101) function.hello on AWS
    high (UP102) function.hello on AWS (updraft.toml:17)
    medium (UP801) function.hello on AWS
    medium (UP801) function.tidy on AWS
    ");
    let gated = bench.run("permissions --live --local --fail-on public-access");
    assert_eq!(gated.code, 14, "{}", gated.transcript());
    let explained = bench.answer("explain --live --local lambda:InvokeFunction");
    assert!(explained.contains("999988887777"), "{explained}");
}
