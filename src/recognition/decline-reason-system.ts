/** Code system of a region's reasons to examine again: their codes are the region's own, so that bare numbers of two regions never meet. */
export function declineReasonSystem(region: string): string {
  return `urn:hutong:recognition:${region}:decline-reason`;
}
