//! The function on AWS's SDK.

fn main() {
    peers::aws::serve();
}
