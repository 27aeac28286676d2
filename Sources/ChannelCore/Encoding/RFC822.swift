/// Points in time as mail and feeds spell them, in UTC (RFC 822 §5, with the year in four digits).
enum RFC822 {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// For example `Sun, 22 Nov 2026 08:00:46 +0000`.
  static func text(milliseconds: Int) -> String {
    // Nothing appeared before 1970 began, on a Thursday.
    let milliseconds = max(0, milliseconds)
    let rfc3339 = RFC3339.text(milliseconds: milliseconds)
    let (date, time) = (rfc3339.split(separator: "T")[0], rfc3339.split(separator: "T")[1])
    let parts = date.split(separator: "-")
    let month = months[(Int(parts[1]) ?? 1) - 1]
    let day = days[milliseconds / 86_400_000 % 7]
    return "\(day), \(parts[2]) \(month) \(parts[0]) \(time.dropLast()) +0000"
  }
}
