package dev.warren.dns.server.store;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;

/** Signed packets for tests, and waiting for a store with a bound. */
public final class Packets {
  private static final long LIMIT_SECONDS = 20;

  private Packets() {}

  /** The same key for the same number, always. */
  public static SecretKey key(long number) {
    return SecretKey.ofBytes(
        ByteBuffer.allocate(32).putLong(0x77617272656e0000L).putLong(number).array());
  }

  /** A packet with one TXT record. */
  public static SignedPacket packet(SecretKey key, long timestamp, String text) {
    try {
      Message message = empty();
      Name name = Name.fromString("_iroh." + key.nodeId().toZ32() + ".");
      message.addRecord(new TXTRecord(name, DClass.IN, 30, text), Section.ANSWER);
      return SignedPacket.sign(key, message.toWire(), timestamp);
    } catch (TextParseException e) {
      throw new AssertionError(e);
    }
  }

  /** A packet with one address record, for two that differ in the last bytes only. */
  public static SignedPacket address(SecretKey key, long timestamp, String address) {
    try {
      Message message = empty();
      Name name = Name.fromString(key.nodeId().toZ32() + ".");
      message.addRecord(
          new ARecord(name, DClass.IN, 30, InetAddress.getByName(address)), Section.ANSWER);
      return SignedPacket.sign(key, message.toWire(), timestamp);
    } catch (TextParseException | UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static Message empty() {
    Message message = new Message(0);
    message.getHeader().setFlag(Flags.QR);
    return message;
  }

  /** What {@code stage} completes with; its failure as it is. */
  public static <T> T await(CompletionStage<T> stage) throws StoreException {
    try {
      return stage.toCompletableFuture().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException failure) {
        throw failure;
      }
      throw new AssertionError(
          e.getCause() instanceof TimeoutException ? "no answer of the store" : "unexpected", e);
    }
  }
}
