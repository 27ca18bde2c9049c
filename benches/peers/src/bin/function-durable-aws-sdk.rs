//! The function on durable with the client of the AWS SDK.

fn main() {
    peers::durable::serve_with_aws_sdk();
}
