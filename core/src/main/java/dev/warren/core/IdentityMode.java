package dev.warren.core;

/**
 * In which forms node ids are proved inside TLS. X.509 certificates work on every platform; raw
 * public keys, where a module that brings them is on the class path and available ({@link
 * Endpoint#supportsRawPublicKeys}).
 */
public enum IdentityMode {
  /** Certificates only. */
  X509,

  /** Raw public keys only; an endpoint cannot be bound without them. */
  RAW_PUBLIC_KEY,

  /**
   * Both where raw public keys are available, else certificates. What is accepted is what the peer
   * asks for. A dial prefers raw public keys, and is tried once more with certificates if the peer
   * refuses that; the outcome is remembered for the peer.
   */
  BOTH
}
