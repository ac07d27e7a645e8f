"""SQL that serves writing. Each loader carries its permission: the member's id is in every condition."""
