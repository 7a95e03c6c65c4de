"""CloudFormation templates as they stand in files: read, resolved as far as they tell, and judged by the model."""
