//! One job on many machines: shares that are killed, run twice, and published.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::corpora::write_demo;
use crate::datasets::assert_same_dataset;
use crate::program::{Folder, Ossicle, extract, ossicle};

fn share(folder: &Folder, share: &str) -> Ossicle {
    extract(folder.at("corpus"), &folder.at("out")).args(["--share", share, "--jobs", "1"])
}

fn start(run: Ossicle) -> Child {
    let mut command = run.into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn seven_shares_at_once_with_kills_come_to_what_one_run_writes() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    extract(folder.at("corpus"), &folder.at("one")).succeeds();
    for round in 0..4 {
        let mut running: Vec<Child> =
            (1..=7).map(|number| start(share(&folder, &format!("{number}/7")))).collect();
        thread::sleep(Duration::from_millis(7 << round));
        for child in running.iter_mut().skip(round % 2).step_by(2) {
            // Which may have ended before.
            let _ = child.kill();
        }
        for child in &mut running {
            let _status = child.wait().unwrap();
        }
    }
    let told = share(&folder, "none").run();
    let expected = if told.stdout.starts_with("all of ") { 0 } else { 1 };
    assert_eq!(told.code(), expected, "{}{}", told.stdout, told.stderr);
    for number in 1..=7 {
        let done = share(&folder, &format!("{number}/7")).succeeds();
        assert!(done.stdout.starts_with(&format!("share {number}/7: ")), "{}", done.stdout);
    }
    let told = share(&folder, "none").succeeds();
    assert!(told.stdout.starts_with("all of ") && told.stdout.contains("without --share"));
    extract(folder.at("corpus"), &folder.at("out")).succeeds();
    assert_same_dataset(&folder.at("one"), &folder.at("out"), "of shares");
    assert!(!folder.at("out/.ossicle").exists());
    let again = share(&folder, "7/7").succeeds();
    assert_eq!(again.stdout, "the dataset is complete already: nothing to do\n");
    let asked = share(&folder, "none").succeeds();
    assert_eq!(asked.stdout, again.stdout);
}

#[test]
fn a_plan_is_stored_and_a_share_of_it_needs_no_list() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let plan = ossicle("plan").arg(folder.at("corpus")).arg("--out").arg(folder.at("out"));
    let told = plan.args(["--preset", "timit-mfcc"]).succeeds();
    assert!(told.stdout.starts_with("planned in "), "{}", told.stdout);
    let again = ossicle("plan").arg(folder.at("corpus")).arg("--out").arg(folder.at("out"));
    let told = again.args(["--preset", "timit-mfcc", "-q"]).succeeds();
    assert_eq!((&*told.stdout, &*told.stderr), ("", ""));
    let told = share(&folder, "none").run();
    assert_eq!(told.code(), 1);
    assert!(told.stdout.contains(" are missing:\n    part 0, "), "{}", told.stdout);
    share(&folder, "1/2").succeeds();
    let task = |id: &str| {
        let variables = [("ID", id), ("COUNT", "2"), ("MIN", "5")];
        let run = share(&folder, "auto");
        variables
            .iter()
            .fold(run, |run, (name, value)| run.env(&format!("SLURM_ARRAY_TASK_{name}"), value))
    };
    assert!(task("6").succeeds().stdout.starts_with("share 2/2: "));
    share(&folder, "none").succeeds();
    task("9").refuses(&["the task 9 is none of 2 from 5 on"]);
}

#[test]
fn what_is_no_share_and_what_is_of_another_job_is_refused() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    for wrong in ["0/7", "8/7", "7", "a/b", ""] {
        let told = share(&folder, wrong).exits(2);
        assert!(told.stderr.contains("I/N with I from 1 to N"), "{}", told.stderr);
    }
    share(&folder, "auto").refuses(&["SLURM_ARRAY_TASK_ID"]);
    share(&folder, "none").refuses(&["holds no plan", "`ossicle plan`"]);
    share(&folder, "1/2").args(["--overwrite"]).exits(2);
    share(&folder, "1/2").succeeds();
    let other = share(&folder, "2/2").set(&["feature.num_ceps=10"]);
    other.refuses(&["holds the plan of another job", "feature.num_ceps was", "--overwrite"]);
    fs::write(folder.at("out/.ossicle/plan"), b"").unwrap();
    share(&folder, "2/2").refuses(&["plan is damaged: it ends too early", "--overwrite"]);
}
