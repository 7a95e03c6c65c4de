"""The CloudFormation API where stock moto answers otherwise than AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.responses import ActionResult, EmptyResult

from elasticache_kit.emulator.action import unknown_action
from elasticache_kit.emulator.cloudformation import drift, resource_import

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE

    from elasticache_kit.emulator.cloudformation.backend import LocalCloudFormationBackend
    from elasticache_kit.emulator.cloudformation.stack import LocalStack


class LocalCloudFormationResponse(CloudFormationResponse):
    """moto's dispatcher, with change sets looked up within their stack and template URLs of any local host."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer an action that moto lacks at once, with an error that SDKs do not retry."""
        try:
            return super().call_action()
        except NotImplementedError:
            return unknown_action.answer(self)

    @property
    def _backend(self) -> LocalCloudFormationBackend:
        return cloudformation_backends[self.current_account][self.region]  # pyright: ignore[reportReturnType] - installed by the seam

    def create_change_set(self) -> ActionResult:
        """CreateChangeSet, with previous values of parameters."""
        stack_name, kind = self._get_param("StackName"), self._get_param("ChangeSetType", "UPDATE")
        stack: Any = None
        if kind == "UPDATE":
            stack = self._backend.get_stack(stack_name)
        elif kind == "IMPORT":
            stack = self._backend.find_stack(stack_name)
        body = self._get_param("TemplateBody")
        if self._get_param("TemplateURL"):
            body = self._get_stack_from_s3_url(self._get_param("TemplateURL"))
        if self._get_bool_param("UsePreviousTemplate", if_none=False) and stack is not None:
            body = stack.template
        if not body:
            raise ValidationError(message="Either Template URL or Template Body must be specified.")
        change_set_id, stack_id = self._backend.create_change_set(
            stack_name=stack_name,
            change_set_name=self._get_param("ChangeSetName"),
            template=body,
            parameters=self._backend.resolve_parameters(stack, self._get_param("Parameters", [])),
            description=self._get_param("Description"),
            notification_arns=self._get_param("NotificationARNs", []),
            tags={tag["Key"]: tag["Value"] for tag in self._get_param("Tags", [])},
            role_arn=self._get_param("RoleARN"),
            change_set_type=kind,
            resources_to_import=self._get_param("ResourcesToImport", []),
        )
        return ActionResult({"Id": change_set_id, "StackId": stack_id})

    def get_template_summary(self) -> ActionResult:
        """GetTemplateSummary, with what identifies the resources that can be imported."""
        answer = super().get_template_summary()
        summary: Any = answer.result
        summary["ResourceIdentifierSummaries"] = resource_import.identifier_summaries(summary)
        return answer

    def describe_change_set(self) -> ActionResult:
        """DescribeChangeSet, within its stack."""
        return ActionResult(
            self._backend.find_change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))
        )

    def delete_change_set(self) -> ActionResult:
        """DeleteChangeSet; one that is gone is no error, as on AWS."""
        name, stack_name = self._get_param("ChangeSetName"), self._get_param("StackName")
        for change_set_id, item in list(self._backend.change_sets.items()):
            fits = stack_name is None or stack_name in (item.stack_name, item.stack_id)
            if change_set_id == name or (item.change_set_name == name and fits):
                del self._backend.change_sets[change_set_id]
        return EmptyResult()

    def detect_stack_drift(self) -> ActionResult:
        """DetectStackDrift: compare at once, so that the first question for the status is the last."""
        stack = self._stack()
        stack.detection = drift.detect(stack)
        self._backend.detections[stack.detection.detection_id] = stack
        return ActionResult({"StackDriftDetectionId": stack.detection.detection_id})

    def describe_stack_drift_detection_status(self) -> ActionResult:
        """DescribeStackDriftDetectionStatus."""
        detection_id = self._get_param("StackDriftDetectionId")
        stack = self._backend.detections.get(detection_id)
        if stack is None or stack.detection is None:
            raise ValidationError(message=f"Drift detection {detection_id} does not exist.")
        return ActionResult(
            {
                "StackId": stack.stack_id,
                "StackDriftDetectionId": detection_id,
                "DetectionStatus": "DETECTION_COMPLETE",
                "StackDriftStatus": stack.detection.status,
                "DriftedStackResourceCount": len(stack.detection.drifted),
                "Timestamp": stack.detection.checked,
            }
        )

    def describe_stack_resource_drifts(self) -> ActionResult:
        """DescribeStackResourceDrifts: what the last comparison found, all of it on one page."""
        stack, wanted = self._stack(), self._get_param("StackResourceDriftStatusFilters", [])
        found = stack.detection.resources if stack.detection else ()
        shown = [item.shown(stack.stack_id) for item in found if not wanted or item.status in wanted]
        return ActionResult({"StackResourceDrifts": shown})

    def detect_stack_resource_drift(self) -> ActionResult:
        """DetectStackResourceDrift: compare one resource."""
        stack, name = self._stack(), self._get_param("LogicalResourceId")
        if name not in stack.deployed:
            raise ValidationError(message=f"Resource {name} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDrift": drift.compare(stack.deployed[name]).shown(stack.stack_id)})

    def _stack(self) -> LocalStack:
        return self._backend.local(self._get_param("StackName"))

    def _get_stack_from_s3_url(self, template_url: str) -> str:
        # Stock moto reads the host 127.0.0.1 of a path-style URL as a bucket called "127".
        parts = urlsplit(template_url)
        if parts.hostname == "127.0.0.1":
            template_url = template_url.replace(parts.netloc, f"localhost:{parts.port}", 1)
        return get_stack_from_s3_url(template_url, account_id=self.current_account, partition=self.partition)
