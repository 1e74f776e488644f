const { haste = 1, opfs = true, locks = true } = JSON.parse(self.name);

if (haste > 1) {
  const { setTimeout } = self;
  self.setTimeout = (action, ms = 0, ...values) => setTimeout.call(self, action, ms / haste, ...values);
}
if (!opfs) {
  navigator.storage.getDirectory = async () => {
    throw new DOMException("not here", "SecurityError");
  };
}
if (!locks) {
  navigator.locks.request = async () => {
    throw new DOMException("not here", "SecurityError");
  };
}
