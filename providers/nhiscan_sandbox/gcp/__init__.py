"""A stand-in Google Cloud: IAM by gRPC, and all other services by REST."""
