//! Every folder below `tests/cases` as one test, named after the folder.

use libtest_mimic::{Arguments, Trial};
use pyxidium_tests::{case, context};

fn main() {
    let arguments = Arguments::from_args();
    // The harness shows what a failed case says; where in the harness it was said helps nobody.
    std::panic::set_hook(Box::new(|_| {}));
    let folder = context::workspace().join("tests/cases");
    let trials = case::all(&folder)
        .into_iter()
        .map(|(name, case)| {
            let left_out = case.left_out().is_some();
            let test = {
                let name = name.clone();
                move || {
                    case.check(&name);
                    Ok(())
                }
            };
            Trial::test(name, test).with_ignored_flag(left_out)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}
