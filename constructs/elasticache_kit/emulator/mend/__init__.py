"""What is changed of moto, one module for each service of its; `moto_seam` imports one when its service is needed."""
