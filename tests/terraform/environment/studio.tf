resource "aws_sagemaker_studio_lifecycle_config" "start" {
  studio_lifecycle_config_name     = "start"
  studio_lifecycle_config_app_type = "JupyterLab"
  studio_lifecycle_config_content  = base64encode("echo hello")
}

resource "aws_sagemaker_domain" "team" {
  domain_name = "team"
  auth_mode   = "IAM"
  vpc_id      = "vpc-00000001"
  subnet_ids  = ["subnet-00000001"]
  default_user_settings {
    execution_role = aws_iam_role.work.arn
    jupyter_lab_app_settings {
      lifecycle_config_arns = [aws_sagemaker_studio_lifecycle_config.start.arn]
      default_resource_spec {
        instance_type        = "ml.t3.medium"
        lifecycle_config_arn = aws_sagemaker_studio_lifecycle_config.start.arn
      }
    }
  }
  retention_policy {
    home_efs_file_system = "Delete"
  }
  tags = { team = var.team }
}

resource "aws_sagemaker_user_profile" "ana" {
  domain_id         = aws_sagemaker_domain.team.id
  user_profile_name = "ana"
  user_settings {
    execution_role  = aws_iam_role.work.arn
    security_groups = [var.security_groups[var.team == "one" ? 0 : 1]]
  }
}

resource "aws_sagemaker_space" "work" {
  domain_id          = aws_sagemaker_domain.team.id
  space_name         = "work"
  space_display_name = var.team
  ownership_settings {
    owner_user_profile_name = aws_sagemaker_user_profile.ana.user_profile_name
  }
  space_sharing_settings {
    sharing_type = "Private"
  }
  space_settings {
    app_type = "JupyterLab"
    space_storage_settings {
      ebs_storage_settings {
        ebs_volume_size_in_gb = 5
      }
    }
  }
}

resource "aws_sagemaker_image" "tools" {
  image_name  = "tools"
  role_arn    = aws_iam_role.work.arn
  description = var.team
}

resource "aws_sagemaker_image_version" "first" {
  image_name = aws_sagemaker_image.tools.id
  base_image = var.image
}

resource "aws_sagemaker_app_image_config" "tools" {
  app_image_config_name = "tools"
  jupyter_lab_image_config {
    container_config {
      container_entrypoint = ["jupyter-lab"]
    }
  }
}
