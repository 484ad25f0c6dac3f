//! What engines index of a record: texts, terms and numbers, each under a name.

use crate::text::Profile;
use sluice_model::EntityKind;

macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$note])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name: lower case, words joined by `_`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

fields! {
    /// Values that are compared as text.
    TextField {
        FullName = "full_name",
        LatestTitle = "latest_title",
        CurrentTitle = "current_title",
        PreviousTitle = "previous_title",
        Headline = "headline",
        Summary = "summary",
        Skill = "skill",
        Certification = "certification",
        Course = "course",
        Project = "project",
        School = "school",
        Degree = "degree",
        FieldOfStudy = "field_of_study",
        Spoken = "spoken",
        CompanyName = "company_name",
        Url = "url",
        Industry = "industry",
        Keyword = "keyword",
        Seo = "seo",
        Description = "description",
        Technology = "technology",
        Product = "product",
    }
}

impl TextField {
    /// Whose it is.
    #[must_use]
    pub const fn kind(self) -> EntityKind {
        match self {
            Self::CompanyName
            | Self::Url
            | Self::Industry
            | Self::Keyword
            | Self::Seo
            | Self::Description
            | Self::Technology
            | Self::Product => EntityKind::Company,
            _ => EntityKind::Person,
        }
    }

    /// How its values are analysed.
    #[must_use]
    pub const fn profile(self) -> Profile {
        match self {
            Self::FullName | Self::Url => Profile::Name,
            Self::LatestTitle | Self::CurrentTitle | Self::PreviousTitle | Self::Headline => Profile::Title,
            Self::CompanyName => Profile::Company,
            Self::Industry => Profile::Industry,
            _ => Profile::Text,
        }
    }

    /// Whether the same values stand in many records, so that it pays to keep each once.
    #[must_use]
    pub const fn is_common(self) -> bool {
        !matches!(
            self,
            Self::FullName
                | Self::Headline
                | Self::Summary
                | Self::Course
                | Self::Project
                | Self::CompanyName
                | Self::Url
                | Self::Seo
                | Self::Description
        )
    }
}

fields! {
    /// Values that are equal or not.
    TermField {
        Seniority = "seniority",
        Department = "department",
        /// Of a person's home, or of a company's head office.
        Place = "place",
        LatestEmployer = "latest_employer",
        CurrentEmployer = "current_employer",
        PreviousEmployer = "previous_employer",
        Linkedin = "linkedin",
        SocialLink = "social_link",
        Network = "network",
        Badge = "badge",
        /// The year in which an education ended, or `open`.
        Graduation = "graduation",
        /// `email`, `phone`.
        Reach = "reach",
        Domain = "domain",
        Phone = "phone",
        CompanyType = "company_type",
        CompanyLanguage = "company_language",
        FundingType = "funding_type",
        /// A code of the North American Industry Classification System, or the beginning of one.
        Naics = "naics",
    }
}

fields! {
    /// Numbers; a record has one or none of each.
    NumberField {
        Followers = "followers",
        Connections = "connections",
        /// How many languages a person speaks.
        Languages = "languages",
        /// The month in which the present position began; months are counted from the year 0.
        JobSince = "job_since",
        /// The month in which the present stay at the company began.
        CompanySince = "company_since",
        /// Of those who work: the month in which they would have begun had they never paused.
        WorkSince = "work_since",
        /// Of those who do not: how many months they worked.
        WorkMonths = "work_months",
        /// The day of observation, counted from 1970.
        Observed = "observed",
        SizeFrom = "size_from",
        SizeTo = "size_to",
        Revenue = "revenue",
        RetailSize = "retail_size",
        Founded = "founded",
        FundingTotal = "funding_total",
        FundingLast = "funding_last",
        /// The day of the last round, counted from 1970.
        FundingDay = "funding_day",
        /// The place on a globe of radius 2^30 whose centre lies at (2^30, 2^30, 2^30).
        GlobeX = "globe_x",
        GlobeY = "globe_y",
        GlobeZ = "globe_z",
    }
}

impl NumberField {
    /// Whose it is.
    #[must_use]
    pub const fn kind(self) -> EntityKind {
        match self {
            Self::Followers
            | Self::Connections
            | Self::Languages
            | Self::JobSince
            | Self::CompanySince
            | Self::WorkSince
            | Self::WorkMonths
            | Self::Observed => EntityKind::Person,
            _ => EntityKind::Company,
        }
    }
}
