"""What Lambda functions find in their runtime here."""
