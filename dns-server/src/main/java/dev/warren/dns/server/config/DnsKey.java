package dev.warren.dns.server.config;

import dev.warren.serving.config.ConfigKey;

/**
 * Every key that a configuration file may have. The first block is iroh-dns-server's (dns-server
 * section 3), the second ours. {@code docs/dns-server.md} has one row for each, and a test
 * compares.
 */
enum DnsKey implements ConfigKey {
  PUT_RATE_LIMIT("pkarr_put_rate_limit", Type.TEXT, "\"simple\""),
  DATA_DIR("data_dir", Type.TEXT, "warren-dns in the user's data folder"),
  HTTP_PORT("http.port", 0, 65_535, "required in [http]"),
  HTTP_BIND_ADDR("http.bind_addr", Type.TEXT, "0.0.0.0"),
  HTTP_BACKLOG("http.listen_backlog", 0, 0xffff_ffffL, "none"),
  HTTPS_PORT("https.port", 0, 65_535, "required in [https]"),
  HTTPS_BIND_ADDR("https.bind_addr", Type.TEXT, "0.0.0.0"),
  HTTPS_BACKLOG("https.listen_backlog", 0, 0xffff_ffffL, "none"),
  HTTPS_DOMAINS("https.domains", Type.TEXTS, "required in [https]"),
  HTTPS_CERT_MODE("https.cert_mode", Type.TEXT, "required in [https]"),
  HTTPS_CONTACT("https.letsencrypt_contact", Type.TEXT, "none"),
  HTTPS_PROD("https.letsencrypt_prod", Type.BOOLEAN, "false"),
  DNS_PORT("dns.port", 0, 65_535, "required"),
  DNS_BIND_ADDR("dns.bind_addr", Type.TEXT, "0.0.0.0"),
  DNS_SOA("dns.default_soa", Type.TEXT, "required"),
  DNS_TTL("dns.default_ttl", 0, 0xffff_ffffL, "none"),
  DNS_ORIGINS("dns.origins", Type.TEXTS, "required"),
  DNS_A("dns.rr_a", Type.TEXT, "none"),
  DNS_AAAA("dns.rr_aaaa", Type.TEXT, "none"),
  DNS_NS("dns.rr_ns", Type.TEXT, "none"),
  METRICS_DISABLED("metrics.disabled", Type.BOOLEAN, "false"),
  METRICS_BIND_ADDR("metrics.bind_addr", Type.ADDRESS, "127.0.0.1:9117"),
  MAINLINE_ENABLED("mainline.enabled", Type.BOOLEAN, "false"),
  MAINLINE_BOOTSTRAP("mainline.bootstrap", Type.TEXTS, "those of the public DHT"),
  STORE_BATCH_SIZE("zone_store.max_batch_size", 1, Integer.MAX_VALUE, "none"),
  STORE_BATCH_TIME("zone_store.max_batch_time", Type.TEXT, "none"),
  STORE_EVICTION("zone_store.eviction", Type.TEXT, "\"7days\""),
  STORE_EVICTION_INTERVAL("zone_store.eviction_interval", Type.TEXT, "\"10s\""),

  STORE_BACKEND("zone_store.backend", Type.TEXT, "\"file\""),
  STORE_URL("zone_store.url", Type.TEXT, "none"),
  STORE_USER("zone_store.user", Type.TEXT, "none"),
  STORE_PASSWORD("zone_store.password", Type.TEXT, "none"),
  HTTPS_CERT_PATH("https.cert_path", Type.TEXT, "<domain>.crt in cert_cache of data_dir"),
  HTTPS_KEY_PATH("https.key_path", Type.TEXT, "<domain>.key in cert_cache of data_dir"),
  HTTPS_SELF_SIGNED_PATH("https.self_signed_path", Type.TEXT, "none"),
  HTTPS_ACME_URL("https.acme_url", Type.TEXT, "Let's Encrypt"),
  HTTPS_ACME_CA("https.acme_ca", Type.TEXT, "the JDK's"),
  TRUSTED_PROXIES("trusted_proxies", Type.TEXTS, "none"),
  PROXY_PROTOCOL("proxy_protocol", Type.BOOLEAN, "false"),
  DRAIN_SECONDS("drain_seconds", 0, 600, "0"),
  LIMITS_CACHE("limits.cache_mib", 0, 65_536, "64"),
  LIMITS_ANSWERS("limits.answers_per_second", 1, Integer.MAX_VALUE, "unlimited"),
  LIMITS_LOOKUPS("limits.lookups", 1, Integer.MAX_VALUE, "4096"),
  LIMITS_CONNECTIONS("limits.connections", 1, Integer.MAX_VALUE, "16384"),
  LIMITS_CONNECTIONS_PER_ADDRESS("limits.connections_per_address", 1, Integer.MAX_VALUE, "1024");

  private final String path;
  private final Type type;
  private final long min;
  private final long max;
  private final String byDefault;

  DnsKey(String path, Type type, String byDefault) {
    this(path, type, Long.MIN_VALUE, Long.MAX_VALUE, byDefault);
  }

  DnsKey(String path, long min, long max, String byDefault) {
    this(path, Type.INTEGER, min, max, byDefault);
  }

  DnsKey(String path, Type type, long min, long max, String byDefault) {
    this.path = path;
    this.type = type;
    this.min = min;
    this.max = max;
    this.byDefault = byDefault;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public Type type() {
    return type;
  }

  @Override
  public long min() {
    return min;
  }

  @Override
  public long max() {
    return max;
  }

  @Override
  public String byDefault() {
    return byDefault;
  }
}
