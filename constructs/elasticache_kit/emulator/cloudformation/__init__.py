"""Stacks deployed as CloudFormation deploys them: in dependency order, with events, outputs, rollback and clean-up.

moto parses templates and knows some hundred resource types; how a stack moves from one template to the next is decided
here, because stock moto drops outputs of change sets, ignores failures and leaves resources behind (moto issues 3032
and 8092).
"""
