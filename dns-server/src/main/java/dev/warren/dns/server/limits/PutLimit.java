package dev.warren.dns.server.limits;

/** How often one address may publish (dns-server section 7). */
public enum PutLimit {
  /** As often as it likes. */
  DISABLED,
  /** Two packets at once and then one each four seconds, by the address of the connection. */
  SIMPLE,
  /**
   * The same by the address that trusted proxies name in {@code X-Forwarded-For}, {@code Forwarded}
   * or {@code X-Real-IP}. Without trusted proxies it is {@link #SIMPLE}.
   */
  SMART
}
