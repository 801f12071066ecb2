/** Sizes that a page is tried in: CSS pixels of the device held upright; null: all the room there is. */
export const devices = [
  { id: "fit", name: "As large as the pane", size: null },
  { id: "phone", name: "Phone, 390 × 844", size: { width: 390, height: 844 } },
  { id: "tablet", name: "Tablet, 820 × 1180", size: { width: 820, height: 1180 } },
] as const;

export type DeviceId = (typeof devices)[number]["id"];

export type Frame = { width: number; height: number; scale: number };

/** The frame of a device in a pane: the device's own size in CSS pixels, drawn smaller where the pane is. */
export function frameOf(id: DeviceId, turned: boolean, pane: { width: number; height: number }): Frame | null {
  const size = devices.find((device) => device.id === id)?.size ?? null;
  if (size === null) return null;
  const width = turned ? size.height : size.width;
  const height = turned ? size.width : size.height;
  const margin = 24;
  const scale = Math.min(1, (pane.width - margin) / width, (pane.height - margin) / height);
  return { width, height, scale: Math.max(0.1, scale) };
}
