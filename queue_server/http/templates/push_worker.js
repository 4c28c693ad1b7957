// Shows what is pushed to this browser, and opens what it is about when it is tapped.
// Browsers that know declarative pushes show them by themselves; all others ask this file.

addEventListener("push", (event) => {
  const { notification } = event.data?.json() ?? {};
  if (!notification) return;
  const { title, body, lang, dir, tag, navigate } = notification;
  event.waitUntil(
    registration.showNotification(title, { body, lang, dir, tag, renotify: !!tag, data: navigate }),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = event.notification.data;
  if (address) event.waitUntil(clients.openWindow(address));
});
