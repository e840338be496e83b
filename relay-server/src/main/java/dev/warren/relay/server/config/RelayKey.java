package dev.warren.relay.server.config;

import dev.warren.serving.config.ConfigKey;

/**
 * Every key that a configuration file may have. The first block is iroh-relay's (relay-server
 * section 6, both generations), the second ours. {@code docs/operations.md} has one row for each,
 * and a test compares.
 */
enum RelayKey implements ConfigKey {
  ENABLE_RELAY("enable_relay", Type.BOOLEAN, "true"),
  HTTP_BIND_ADDR("http_bind_addr", Type.ADDRESS, "[::]:80"),
  ENABLE_QUIC_ADDR_DISCOVERY("enable_quic_addr_discovery", Type.BOOLEAN, "false"),
  ENABLE_METRICS("enable_metrics", Type.BOOLEAN, "true"),
  METRICS_BIND_ADDR("metrics_bind_addr", Type.ADDRESS, "IP of http_bind_addr, port 9090"),
  KEY_CACHE_CAPACITY("key_cache_capacity", 0, Integer.MAX_VALUE, "1048576"),
  ENABLE_STUN("enable_stun", Type.BOOLEAN, "true"),
  STUN_BIND_ADDR("stun_bind_addr", Type.ADDRESS, "IP of http_bind_addr, port 3478"),
  ACCESS("access", Type.TEXT, "everyone"),
  ACCESS_ALLOWLIST("access.allowlist", Type.TEXTS, "none"),
  ACCESS_DENYLIST("access.denylist", Type.TEXTS, "none"),
  ACCESS_HTTP_URL("access.http.url", Type.TEXT, "none"),
  ACCESS_HTTP_BEARER_TOKEN("access.http.bearer_token", Type.TEXT, "none"),
  ACCESS_SHARED_TOKEN("access.shared_token", Type.TEXTS, "none"),
  TLS_CERT_MODE("tls.cert_mode", Type.TEXT, "required in [tls]"),
  TLS_HTTPS_BIND_ADDR("tls.https_bind_addr", Type.ADDRESS, "IP of http_bind_addr, port 443"),
  TLS_QUIC_BIND_ADDR("tls.quic_bind_addr", Type.ADDRESS, "none"),
  TLS_HOSTNAME("tls.hostname", Type.TEXTS, "none"),
  TLS_CERT_DIR("tls.cert_dir", Type.TEXT, "."),
  TLS_MANUAL_CERT_PATH("tls.manual_cert_path", Type.TEXT, "default.crt in tls.cert_dir"),
  TLS_MANUAL_KEY_PATH("tls.manual_key_path", Type.TEXT, "default.key in tls.cert_dir"),
  TLS_PROD_TLS("tls.prod_tls", Type.BOOLEAN, "true"),
  TLS_CONTACT("tls.contact", Type.TEXT, "none"),
  TLS_DANGEROUS_HTTP_ONLY("tls.dangerous_http_only", Type.BOOLEAN, "false"),
  LIMITS_ACCEPT_CONN_LIMIT("limits.accept_conn_limit", Type.NUMBER, 0, 1_000_000_000, "unlimited"),
  LIMITS_ACCEPT_CONN_BURST("limits.accept_conn_burst", 1, Integer.MAX_VALUE, "one second's"),
  /** Fewer than 10 B/s are none at all in a bucket that is refilled every 100 ms. */
  LIMITS_CLIENT_RX_BYTES_PER_SECOND(
      "limits.client.rx.bytes_per_second", 10, 0xffff_ffffL, "unlimited"),
  LIMITS_CLIENT_RX_MAX_BURST_BYTES(
      "limits.client.rx.max_burst_bytes", 1, 0xffff_ffffL, "a tenth of bytes_per_second"),

  LIMITS_CLIENTS("limits.clients", 1, Integer.MAX_VALUE, "unlimited"),
  LIMITS_CLIENTS_PER_ADDRESS("limits.clients_per_address", 1, Integer.MAX_VALUE, "unlimited"),
  LIMITS_CONNECTIONS_PER_ID("limits.connections_per_id", 1, Integer.MAX_VALUE, "16"),
  LIMITS_CONNECTS_PER_ID_PER_SECOND("limits.connects_per_id_per_second", 1, Integer.MAX_VALUE, "8"),
  LIMITS_HANDSHAKES("limits.handshakes", 1, Integer.MAX_VALUE, "16384"),
  LIMITS_HANDSHAKES_PER_ADDRESS("limits.handshakes_per_address", 1, Integer.MAX_VALUE, "8192"),
  LIMITS_ESTABLISH_SECONDS("limits.establish_seconds", 1, 3600, "30"),
  LIMITS_HANDSHAKE_SECONDS("limits.handshake_seconds", 1, 3600, "10"),
  LIMITS_CLIENT_QUEUE_FRAMES("limits.client.queue_frames", 1, 65_536, "512"),
  /** At least one frame of the largest size. */
  LIMITS_CLIENT_QUEUE_BYTES("limits.client.queue_bytes", 65_546, 1L << 30, "4194304"),
  ENABLE_LEGACY_CLIENTS("enable_legacy_clients", Type.BOOLEAN, "true"),
  TRUSTED_PROXIES("trusted_proxies", Type.TEXTS, "none"),
  PROXY_PROTOCOL("proxy_protocol", Type.BOOLEAN, "false"),
  ENABLE_STATUS_PAGE("enable_status_page", Type.BOOLEAN, "true"),
  STATUS_BIND_ADDR("status_bind_addr", Type.ADDRESS, "127.0.0.1:9091"),
  DRAIN_SECONDS("drain_seconds", 0, 600, "10"),
  TLS_SELF_SIGNED_PATH("tls.self_signed_path", Type.TEXT, "none"),
  TLS_ACME_URL("tls.acme_url", Type.TEXT, "Let's Encrypt"),
  TLS_ACME_CA("tls.acme_ca", Type.TEXT, "the JDK's");

  private final String path;
  private final Type type;
  private final long min;
  private final long max;
  private final String byDefault;

  RelayKey(String path, Type type, String byDefault) {
    this(path, type, Long.MIN_VALUE, Long.MAX_VALUE, byDefault);
  }

  RelayKey(String path, long min, long max, String byDefault) {
    this(path, Type.INTEGER, min, max, byDefault);
  }

  RelayKey(String path, Type type, long min, long max, String byDefault) {
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
