package dev.warren.discovery.dht;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.time.Duration;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Signed packets with nothing that a node says of itself. */
final class Packets {
  private Packets() {}

  /** One whose DNS message has so many bytes. */
  static SignedPacket ofSize(SecretKey secret, long timestamp, int size) {
    Message message = new Message(0);
    message.getHeader().setFlag(Flags.QR);
    // Header 12, owner 1, fixed fields 10.
    byte[] data = new byte[size - 23];
    message.addRecord(
        Record.newRecord(Name.root, Type.NULL, DClass.IN, Duration.ofSeconds(1).toSeconds(), data),
        Section.ANSWER);
    return SignedPacket.sign(secret, message.toWire(), timestamp);
  }
}
