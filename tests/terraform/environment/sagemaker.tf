resource "aws_sagemaker_model" "trained" {
  name               = "trained"
  execution_role_arn = aws_iam_role.work.arn
  primary_container {
    image = var.image
  }
  tags = { team = var.team }
}

resource "aws_sagemaker_endpoint_configuration" "served" {
  name_prefix = "served-"
  production_variants {
    variant_name           = "all"
    model_name             = aws_sagemaker_model.trained.name
    initial_instance_count = 1
    instance_type          = "ml.m5.large"
    initial_variant_weight = var.initial_weight
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "served" {
  name                 = "served"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.served.name
}

resource "aws_sagemaker_model_package_group" "versions" {
  model_package_group_name        = "versions"
  model_package_group_description = "What was trained"
}

resource "aws_sagemaker_model_package_group_policy" "versions" {
  model_package_group_name = aws_sagemaker_model_package_group.versions.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::410000000002:root" }
      Action    = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource  = "${replace(aws_sagemaker_model_package_group.versions.arn, "model-package-group", "model-package")}/*"
    }]
  })
}

resource "aws_sagemaker_code_repository" "code" {
  code_repository_name = "code"
  git_config {
    repository_url = "https://github.com/hashicorp/terraform-provider-aws.git"
  }
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "start" {
  name     = "start"
  on_start = base64encode("echo started")
}

resource "aws_sagemaker_notebook_instance" "notes" {
  name                    = "notes"
  role_arn                = aws_iam_role.work.arn
  instance_type           = "ml.t3.medium"
  lifecycle_config_name   = aws_sagemaker_notebook_instance_lifecycle_configuration.start.name
  default_code_repository = aws_sagemaker_code_repository.code.code_repository_name
  tags                    = { team = var.team }
}
