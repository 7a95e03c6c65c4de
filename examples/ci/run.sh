#!/bin/sh
# Deploys a CDK app to a local ElastiCache and runs a command against it, on any CI: no Docker, no AWS account, no root.
#
#   pip install 'elasticache-kit[local]'
#   sh run.sh pytest tests/integration
#
# STACKS             what to deploy; --all when omitted
# CDK_ARGUMENTS      more for the CDK CLI, for example --app cdk.out; nothing when omitted
# EMULATOR_ARGUMENTS more for `emulator up`, for example --no-engines; nothing when omitted
#
# Ends with the exit code of the command, or of whatever failed before. Whatever ends this script, the emulator ends, too.
set -eu

# What would lead AWS tools elsewhere.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
state=$(mktemp -d)
down() {
  elasticache-kit emulator down --directory "$state" || echo "the emulator in $state did not end" >&2
  rm -rf "$state"
}
trap down EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The words of the three variables are arguments of their own, so they are not quoted.
# shellcheck disable=SC2086
elasticache-kit emulator up --directory "$state" --port 0 ${EMULATOR_ARGUMENTS:-}

# From here on AWS tools are led to the emulator.
exports=$(elasticache-kit emulator env --directory "$state")
eval "$exports"

cdk() {
  # shellcheck disable=SC2086
  elasticache-kit emulator cdk --directory "$state" --region "$AWS_REGION" "$@" ${CDK_ARGUMENTS:-}
}
cdk bootstrap "aws://123456789012/$AWS_REGION"
# shellcheck disable=SC2086
cdk deploy ${STACKS:---all} --require-approval never --outputs-file "$state/outputs.json"
export STACK_OUTPUTS="$state/outputs.json"

"$@"
