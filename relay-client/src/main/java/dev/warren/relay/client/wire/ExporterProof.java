package dev.warren.relay.client.wire;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * The header that proves an id before the upgrade and saves the challenge (relay-protocol section
 * A5.4): a signature over key material that only the two ends of this TLS session can derive.
 * Immutable.
 *
 * <pre>
 * base64url, no padding, of
 *   public key[32] 0x40 signature[64] suffix[16]
 * </pre>
 *
 * <p>Signed are the first 16 bytes of the material. The last 16 go in clear, so that a relay behind
 * someone else's TLS can tell another session from a wrong signature.
 */
public record ExporterProof(NodeId id, byte[] signature, byte[] suffix) {
  public static final String HEADER = "X-Iroh-Relay-Client-Auth-V1";

  /** Label of the TLS exporter (RFC 8446 section 7.5); its context is the client's public key. */
  public static final String LABEL = "iroh-relay handshake v1";

  /** Bytes of key material to export. */
  public static final int MATERIAL = 32;

  private static final int SIGNED = 16;
  private static final int LENGTH = RelayFrames.ID + 1 + 64 + MATERIAL - SIGNED;

  /** The value of the header for the material exported with the key's id as context. */
  public static String encode(SecretKey key, byte[] material) {
    byte[] proof =
        ByteBuffer.allocate(LENGTH)
            .put(key.nodeId().toBytes())
            .put((byte) 64)
            .put(key.sign(Arrays.copyOf(material, SIGNED)))
            .put(material, SIGNED, MATERIAL - SIGNED)
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(proof);
  }

  /**
   * Reads a header's value; bytes after the end are ignored, as postcard does.
   *
   * @throws IllegalArgumentException if it is none: not base64url, too short, or no public key
   */
  public static ExporterProof decode(String value) {
    if (value.indexOf('=') >= 0) {
      throw new IllegalArgumentException("padded");
    }
    byte[] proof = Base64.getUrlDecoder().decode(value);
    if (proof.length < LENGTH || proof[RelayFrames.ID] != 64) {
      throw new IllegalArgumentException("not a proof");
    }
    try {
      int signature = RelayFrames.ID + 1;
      return new ExporterProof(
          NodeId.ofBytes(Arrays.copyOf(proof, RelayFrames.ID)),
          Arrays.copyOfRange(proof, signature, signature + 64),
          Arrays.copyOfRange(proof, signature + 64, LENGTH));
    } catch (KeyParseException e) {
      throw new IllegalArgumentException("no public key", e);
    }
  }

  /** Whether it proves {@link #id} in the session that this material was exported from. */
  public boolean isValidFor(byte[] material) {
    return Arrays.equals(suffix, 0, suffix.length, material, SIGNED, MATERIAL)
        && id.verify(Arrays.copyOf(material, SIGNED), signature);
  }
}
