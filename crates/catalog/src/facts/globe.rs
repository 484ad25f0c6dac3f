//! Places on the globe as whole numbers, so that every engine computes the same distances.
//!
//! A place is a point of a sphere; two places are as near as the straight line between them is short. With
//! coordinates in 2^30ths of the radius a step is six millimetres, and the squared length fits 64 bits.

use sluice_model::company::Coordinates;
use sluice_model::filter::Circle;

/// The radius of the sphere in steps.
const STEPS: f64 = (1_u64 << 30) as f64;
/// The mean radius of the Earth in metres (IUGG).
const EARTH: f64 = 6_371_008.8;
/// The centre of the sphere, so that coordinates are not negative.
const CENTRE: f64 = STEPS;

/// A place as three numbers.
pub(crate) fn place(point: Coordinates) -> [u64; 3] {
    let (lat, lng) = (point.lat.to_radians(), point.lng.to_radians());
    [lat.cos() * lng.cos(), lat.cos() * lng.sin(), lat.sin()]
        .map(|part| (part * STEPS + CENTRE).round() as u64)
}

/// The centre of a circle, and the square of the greatest distance from it.
pub(crate) fn circle(circle: Circle) -> ([u64; 3], u64) {
    let point = Coordinates { lat: f64::from(circle.lat) / 1e6, lng: f64::from(circle.lng) / 1e6 };
    let angle = f64::from(circle.radius) / EARTH;
    if angle >= std::f64::consts::PI {
        return (place(point), u64::MAX);
    }
    let chord = 2.0 * (angle / 2.0).sin() * STEPS;
    (place(point), (chord * chord) as u64)
}

/// The square of the distance between two places.
pub(crate) fn distance(a: [u64; 3], b: [u64; 3]) -> u64 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(b).saturating_mul(a.abs_diff(b))).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::{circle, distance, place};
    use sluice_model::company::Coordinates;
    use sluice_model::filter::Circle;

    /// Distances after the great-circle distances that maps give, in kilometres.
    #[test]
    fn circles_reach_as_far_as_maps_say() {
        let berlin = Circle { lat: 52_520_000, lng: 13_405_000, radius: 0 };
        for (lat, lng, kilometres) in [
            (52.3906, 13.0645, 27.2),
            (53.5511, 9.9937, 255.2),
            (48.8566, 2.3522, 877.5),
            (-33.8688, 151.2093, 16_089.0),
        ] {
            let there = place(Coordinates { lat, lng });
            let within = |radius: f64| {
                let (centre, most) = circle(Circle { radius: (radius * 1000.0) as u32, ..berlin });
                distance(centre, there) <= most
            };
            assert!(within(kilometres * 1.005) && !within(kilometres * 0.995), "{lat} {lng}");
        }
        let (centre, most) = circle(Circle { radius: 30_000_000, ..berlin });
        assert!(
            distance(centre, place(Coordinates { lat: -52.52, lng: -166.595 })) <= most,
            "the other side"
        );
    }
}
