package dev.warren.dns.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

/** A client of DNS with plain sockets and dnsjava's codec. */
public final class Ask {
  private static final int LIMIT_MILLIS = 10_000;

  private final InetSocketAddress server;

  public Ask(DnsServer server) {
    this.server = server.dnsAddress();
  }

  public static Message query(String name, int type) {
    return Message.newQuery(Record.newRecord(Vectors.name(name), type, DClass.IN));
  }

  /** Over UDP. */
  public Message udp(String name, int type) throws IOException {
    return udp(query(name, type));
  }

  public Message udp(Message query) throws IOException {
    return new Message(udp(query.toWire()));
  }

  public byte[] udp(byte[] query) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.connect(server);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
      socket.receive(answer);
      return Arrays.copyOf(answer.getData(), answer.getLength());
    }
  }

  public Message tcp(Message query) throws IOException {
    return new Message(tcp(query.toWire()));
  }

  public byte[] tcp(byte[] query) throws IOException {
    try (Socket socket = connect()) {
      send(socket, query);
      return receive(socket);
    }
  }

  public Socket connect() throws IOException {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(LIMIT_MILLIS);
    return socket;
  }

  public static void send(Socket socket, byte[] message) throws IOException {
    byte[] framed = new byte[message.length + 2];
    framed[0] = (byte) (message.length >> 8);
    framed[1] = (byte) message.length;
    System.arraycopy(message, 0, framed, 2, message.length);
    new DataOutputStream(socket.getOutputStream()).write(framed);
  }

  public static byte[] receive(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    return in.readNBytes(in.readUnsignedShort());
  }

  /** Data of the answer section: text as it is, else as in a zone file. */
  public static List<String> data(Message message) {
    return message.getSection(Section.ANSWER).stream()
        .map(r -> r instanceof TXTRecord t ? String.join("", t.getStrings()) : r.rdataToString())
        .toList();
  }
}
