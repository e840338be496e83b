package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/** What nodes publish: a relay and two addresses, about 330 bytes with key and signature. */
final class StoredPackets {
  private static final String[] TEXTS = {
    "relay=https://euc1-1.relay.example.com./",
    "addr=203.0.113.77:41641",
    "addr=[2001:db8:1234:5678::77]:41641"
  };

  private StoredPackets() {}

  /** The same key for the same number, always. */
  static SecretKey key(int number) {
    return SecretKey.ofBytes(ByteBuffer.allocate(32).putInt(0x77617272).putInt(number).array());
  }

  static NodeId id(int number) {
    return key(number).nodeId();
  }

  static SignedPacket packet(int number, long timestamp) {
    SecretKey key = key(number);
    try {
      Message message = new Message(0);
      message.getHeader().setFlag(Flags.QR);
      Name name = Name.fromString("_iroh." + key.nodeId().toZ32() + ".");
      for (String text : TEXTS) {
        message.addRecord(new TXTRecord(name, DClass.IN, 30, text), Section.ANSWER);
      }
      return SignedPacket.sign(key, message.toWire(), timestamp);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
