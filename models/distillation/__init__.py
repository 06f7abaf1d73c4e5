"""Knowledge distillation: the teacher network and the soft labels that the students learn."""
