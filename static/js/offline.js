/* Back to where one was as soon as the line is. */
addEventListener("online", () => location.reload());
