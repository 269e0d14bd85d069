"""Names of the tasks that this project evaluates on."""

TASK_NAMES = (
    "click-checkboxes", "click-tab-2", "click-option", "enter-text", "click-button", "click-link", "login-user", "focus-text-2",
    "click-dialog-2", "click-button-sequence", "enter-password",
)  # fmt: skip
