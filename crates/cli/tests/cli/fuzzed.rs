//! What fuzzing once found in recipes stays mended.

#[path = "../../../../fuzz/fixtures.rs"]
mod fixtures;
#[path = "../../../../fuzz/src/recipe.rs"]
#[expect(unreachable_pub, reason = "the checks are public for the fuzzer")]
mod recipe;

#[test]
fn recipes_that_broke_a_promise_no_longer_do() {
    for (path, bytes) in fixtures::fixtures("recipe") {
        println!("{}", path.display());
        recipe::check(&bytes);
    }
}
