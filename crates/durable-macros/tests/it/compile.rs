//! Compiles small programs that use the macros.

#[test]
fn what_is_right_compiles_and_what_is_wrong_is_reported_where_it_is_written() {
    let cases = trybuild::TestCases::new();

    cases.pass("tests/it/ui/pass/*.rs");
    cases.compile_fail("tests/it/ui/fail/*.rs");
}
