// The server's health, asked once a while for the rail and shown in full on Home.
import type { HealthReport } from "../core/api";
import { getHealth } from "../core/endpoints";
import { every } from "../core/poll";
import { resource } from "../core/resource";

const HEALTH_EVERY_MS = 15_000;

export const health = resource<HealthReport>();
export const refreshHealth = (): Promise<void> => health.run(getHealth);

export function startHealth(): () => void {
  return every(HEALTH_EVERY_MS, refreshHealth);
}
