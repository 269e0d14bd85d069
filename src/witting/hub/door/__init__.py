"""The door: what comes in from participants' machines; consent is checked before a byte is taken and again before one is kept."""
