terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

# The account, the region and the endpoint come from the environment, as `sagecraft env` exports them.
provider "aws" {
  skip_metadata_api_check = true
  s3_use_path_style       = true
}

variable "image" {
  type = string
}

variable "security_groups" {
  type        = list(string)
  description = "Two that are there, as the default network is."
}

variable "initial_weight" {
  type    = number
  default = 1
}

variable "team" {
  type    = string
  default = "one"
}

variable "threshold" {
  type    = number
  default = 10
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "work" {
  name               = "work"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "reads" {
  name = "reads"
  role = aws_iam_role.work.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.data.arn}/*" }]
  })
}

resource "aws_s3_bucket" "data" {
  bucket = "terraform-data"
  tags   = { team = var.team }
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_kms_key" "data" {
  description             = "Encrypts the data"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_sns_topic" "told" {
  name = "told"
}

resource "aws_ecr_repository" "image" {
  name                 = "model"
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "latency"
  alarm_description   = "Slow & <often>"
  namespace           = "AWS/SageMaker"
  metric_name         = "ModelLatency"
  dimensions          = { EndpointName = aws_sagemaker_endpoint.served.name, VariantName = "all" }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 3
  threshold           = var.threshold
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.told.arn]
}
