// The page may say somewhere else, too, how much is new in the chat.
document.addEventListener("sampark:unread", ({ detail }) => {
  const unread = document.getElementById("unread");
  unread.textContent = detail.count;
  unread.hidden = !detail.count;
});
