package dev.warren.base.wire;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Arithmetic on compressed Edwards points that BouncyCastle does not offer in the needed
 * strictness: decompression as the only test of an id (identity-and-tls section 1.1), small order,
 * and the map to X25519 (disco section 2.1). Stateless.
 */
public final class Ed25519Points {
  private static final BigInteger P =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
  private static final BigInteger LEGENDRE = P.subtract(BigInteger.ONE).shiftRight(1);
  private static final BigInteger ORDER =
      BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));

  /**
   * y coordinates of the eight points of small order: 0, 1, -1 and two of order 8 with their
   * negatives.
   */
  private static final Set<BigInteger> SMALL_ORDER_Y = smallOrder();

  private Ed25519Points() {}

  /** Whether the bytes decompress to a point: x² = (y²-1)/(dy²+1) has a root. */
  public static boolean isOnCurve(byte[] compressed) {
    if (compressed.length != 32) {
      return false;
    }
    BigInteger y2 = y(compressed).modPow(BigInteger.TWO, P);
    BigInteger u = y2.subtract(BigInteger.ONE).mod(P);
    BigInteger v = y2.multiply(D).add(BigInteger.ONE).mod(P);
    // u/v is a square iff u*v is (v is never 0: -1/d is not a square).
    BigInteger uv = u.multiply(v).mod(P);
    return uv.signum() == 0 || uv.modPow(LEGENDRE, P).equals(BigInteger.ONE);
  }

  /** Whether a point has order 1, 2, 4 or 8. */
  public static boolean isSmallOrder(byte[] compressed) {
    return SMALL_ORDER_Y.contains(y(compressed).mod(P));
  }

  /** Whether S of a signature is below the group order. */
  public static boolean isCanonicalScalar(byte[] scalar) {
    return littleEndian(scalar).compareTo(ORDER) < 0;
  }

  /** The Montgomery u coordinate: (1 + y) / (1 - y). */
  public static byte[] toMontgomery(byte[] compressed) {
    BigInteger y = y(compressed).mod(P);
    BigInteger denominator = BigInteger.ONE.subtract(y).mod(P);
    // 1/0 counts as 0, as the usual exponentiation x^(p-2) gives it.
    BigInteger u =
        BigInteger.ONE.add(y).multiply(denominator.modPow(P.subtract(BigInteger.TWO), P)).mod(P);
    return toLittleEndian(u);
  }

  private static BigInteger y(byte[] compressed) {
    byte[] copy = compressed.clone();
    copy[31] &= 0x7f;
    return littleEndian(copy);
  }

  private static BigInteger littleEndian(byte[] bytes) {
    byte[] big = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      big[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, big);
  }

  private static byte[] toLittleEndian(BigInteger value) {
    byte[] big = value.toByteArray();
    byte[] little = new byte[32];
    for (int i = 0; i < Math.min(32, big.length); i++) {
      little[i] = big[big.length - 1 - i];
    }
    return little;
  }

  private static Set<BigInteger> smallOrder() {
    Set<BigInteger> ys = new HashSet<>(Arrays.asList(BigInteger.ZERO, BigInteger.ONE));
    ys.add(P.subtract(BigInteger.ONE));
    BigInteger order8 =
        new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16);
    ys.add(order8);
    ys.add(P.subtract(order8));
    return ys;
  }
}
